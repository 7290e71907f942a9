"""Words that deny what is said, or nearly: a text with one more or one less of them may mean the opposite.

Function words of grammars, not a dictionary. Prefixes (un-, in-) and antonyms are words that stand for others, which
are told apart without a list.
"""

from functools import cache

WORDS = {
    "en": "not no never none nobody nothing nowhere neither nor cannot without hardly barely scarcely rarely seldom "
    "except unless non stop avoid fail fails failed",
    "de": "nicht kein keine keinen keiner keinem keines nie niemals niemand nichts nirgends weder ohne kaum",
    "nl": "niet geen nooit niemand niets nergens zonder nauwelijks",
    "af": "nie geen nooit niemand niks sonder",
    "da": "ikke ingen intet ingenting aldrig uden næppe",
    "nb": "ikke ingen intet ingenting aldri uten",
    "no": "ikke ikkje ingen intet ingenting aldri uten",
    "nn": "ikkje ingen ingenting aldri utan",
    "sv": "inte ej inga ingen inget ingenting aldrig utan",
    "is": "ekki ekkert enginn engin aldrei án",
    "fr": "ne n pas jamais rien aucun aucune personne sans ni",
    "es": "no nunca jamás nada nadie ningún ninguno ninguna sin tampoco ni",
    "ca": "no mai res ningú cap sense ni",
    "gl": "non nunca nada ninguén ningún sen nin",
    "pt": "não nunca nada ninguém nenhum nenhuma sem jamais nem",
    "it": "non mai niente nulla nessun nessuno nessuna senza né",
    "ro": "nu niciodată nimeni nimic fără nici",
    "pl": "nie nigdy nikt nic żaden żadna żadne bez ani",
    "cs": "ne není nejsou nikdy nikdo nic žádný žádná žádné bez ani",
    "sk": "nie nikdy nikto nič žiadny žiadna bez ani",
    "sl": "ne ni niso nikoli nihče nič brez",
    "hr": "ne nije nisu nikad nitko ništa bez",
    "bs": "ne nije nisu nikad niko ništa bez",
    "sr": "не није нису никад нико ништа без ne nije nisu nikad niko ništa bez",
    "bg": "не няма никога никой нищо без",
    "mk": "не нема никогаш никој ништо без",
    "ru": "не нет ни никогда никто ничто ничего никакой без нельзя",
    "uk": "не ні немає ніколи ніхто нічого без",
    "be": "не няма ніколі ніхто нічога без",
    "lt": "ne nėra niekada niekas be",
    "lv": "ne nav nekad neviens nekas bez",
    "et": "ei mitte pole kunagi keegi ilma",
    "fi": "ei en et emme ette eivät älä koskaan kukaan mitään ilman",
    "hu": "nem nincs ne soha senki semmi nélkül",
    "el": "δεν δε μη μην όχι ποτέ κανείς κανένας τίποτα χωρίς",
    "tr": "değil yok hiç hiçbir asla olmadan değildir",
    "az": "deyil yox heç heç",
    "uz": "emas yo'q hech",
    "ar": "ما لا لم لن ليس ليست غير بدون دون",
    "fa": "نه نیست نمی بدون هیچ هرگز",
    "ur": "نہیں نہ بغیر کبھی",
    "he": "לא אין אל בלי אף",
    "hi": "नहीं नही मत न ना बिना",
    "mr": "नाही नको न",
    "bn": "না নয় নেই ছাড়া",
    "ta": "இல்லை வேண்டாம்",
    "te": "కాదు లేదు",
    "kn": "ಇಲ್ಲ ಅಲ್ಲ",
    "ml": "ഇല്ല അല്ല",
    "id": "tidak bukan jangan tanpa belum tak tiada",
    "ms": "tidak bukan jangan tanpa belum tak tiada",
    "vi": "không chưa chẳng đừng",
    "tl": "hindi wala huwag",
    "sw": "hakuna si siyo bila kamwe",
    "ha": "ba babu",
    "eu": "ez inoiz gabe",
    "cy": "nid ddim heb",
    "ga": "níl ní nach gan",
    "eo": "ne neniam neniu nenio sen",
    "ko": "안 못 없다 없는 없이 않다 않는 아니다",
}
"""By language."""
CHARACTERS = (*"不没沒未非勿别無无ずမ", "禁止", "ない", "ません", "ไม่", "មិន", "ບໍ່")
"""The same in scripts without spaces, whose texts are compared by characters."""


@cache
def words(language: str) -> frozenset[str]:
    """The words of a language that deny; of all, where they are not known."""
    known = WORDS.get(language.lower().replace("_", "-").split("-")[0])
    return frozenset((known if known is not None else " ".join(WORDS.values())).split())
