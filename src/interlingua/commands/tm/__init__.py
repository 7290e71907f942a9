"""Translation memories: convert them, look up and search in them, keep them in order."""  # one file a subcommand

from interlingua import discovery
from interlingua.parameters import menu

tm = menu("tm", str(__doc__))
for _name, _choice in discovery.choices("commands/tm").items():
    tm.command(f"{_choice.module}:{_choice.stem}", name=_name, help=discovery.summary(_choice.file))
