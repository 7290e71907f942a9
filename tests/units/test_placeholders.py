"""What a program fills in or reads in a text."""

import time

import pytest

from interlingua.units.placeholders import spans


def placeholders(text):
    return [text[first:last] for first, last in spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%s of %1$s, %(name)s: %d %.2f %-5d %@ %lld", ["%s", "%1$s", "%(name)s", "%d", "%.2f", "%-5d", "%@", "%lld"]),
        ("100 % sure, 100%sure, 5%discount, 50% off, 5%% and %%s", []),
        ("{name} {0} {} {0:N2} {a.b} {x!r} {when, date, short}", ["{name}", "{0}", "{}", "{0:N2}", "{a.b}", "{x!r}", "{when, date, short}"]),
        ("{n, plural, one {# file} other {# files of {who}}} left in {dir}", ["{n, plural, one {# file} other {# files of {who}}}", "{dir}"]),
        ("{ alone, {see below}, } and {n, plural, one {x", []),
        ("${x} $(x) %{x} {{x}} {{ user.name }} %APPDATA%", ["${x}", "$(x)", "%{x}", "{{x}}", "{{ user.name }}", "%APPDATA%"]),
        ("<b>x</b><br/> <a href=\"y\">&nbsp;&#160;&#xA0;", ["<b>", "</b>", "<br/>", '<a href="y">', "&nbsp;", "&#160;", "&#xA0;"]),
        ("%1 of %2, %L3: %10, %11.", ["%1", "%2", "%L3", "%10", "%11"]),
        ("%10 indirim, %5 daha, 100%1, %1,9 ve %1'den, %0'dır", []),
        ("5 < 6 > 4, a <b and c> d, <me@x.org>, AT&T; R&D; this & that;", []),
    ],
)  # fmt: skip
def test_placeholders(text, expected):
    assert placeholders(text) == expected


@pytest.mark.parametrize(
    "piece", ["{", "<a ", "<a x=y ", " x=y", "{n, plural,", "%", "{{", "&a", "{a.", "[]", "%1$", "%5 ", "  "]
)
def test_placeholders_in_absurd_texts_take_no_time(piece):
    started = time.monotonic()
    placeholders("<a {a" + piece * 20_000)
    assert time.monotonic() - started < 5
