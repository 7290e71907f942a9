"""Quality assurance of translated files: findings about single pairs, one by one, for a person to work through."""
