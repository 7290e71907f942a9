"""An entry of a catalogue that keeps the lines of its comments; polib's breaks long ones anew."""

import polib


class Entry(polib.POEntry):
    """Written with each line of a comment as it is."""

    def __unicode__(self, wrapwidth: int = 78) -> str:
        notes, extracted = self.tcomment, self.comment
        lines = [f"# {line}" for line in notes.split("\n") if notes]
        lines += [f"#. {line}" for line in extracted.split("\n") if extracted]
        self.tcomment = self.comment = ""
        try:
            return "\n".join([*lines, super().__unicode__(wrapwidth)])
        finally:
            self.tcomment, self.comment = notes, extracted
