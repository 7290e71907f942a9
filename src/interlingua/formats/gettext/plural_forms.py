"""Which number takes which plural form, by language: the rules of the GNU gettext manual, section "Plural forms"."""

SLAVIC = "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
CZECH = "nplurals=3; plural=(n==1 ? 0 : n>=2 && n<=4 ? 1 : 2);"
RULES = {
    **dict.fromkeys(("be", "bs", "hr", "ru", "sr", "uk"), SLAVIC),
    **dict.fromkeys(("cs", "sk"), CZECH),
    **dict.fromkeys(("fr", "pt-BR"), "nplurals=2; plural=(n > 1);"),
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
    "ga": "nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);",
    "lt": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && (n%100<10 || n%100>=20) ? 1 : 2);",
    "lv": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2);",
    "pl": "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
    "ro": "nplurals=3; plural=(n==1 ? 0 : n==0 || (n%100>0 && n%100<20) ? 1 : 2);",
    "sl": "nplurals=4; plural=(n%100==1 ? 0 : n%100==2 ? 1 : n%100==3 || n%100==4 ? 2 : 3);",
}
"""Of languages that are not as English; the header Plural-Forms as it is written."""


def rule(language: str, forms: int) -> str:
    """The header for so many forms: the language's rule where it has as many, else one of which only the number of
    forms is sure (that two are as in English is likely).
    """
    known = RULES.get(language) or RULES.get(language.split("-")[0], "")
    if known.startswith(f"nplurals={forms};"):
        return known
    return f"nplurals={forms}; plural={'0' if forms == 1 else '(n != 1)'};"
