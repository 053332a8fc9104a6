"""Secrets that are known by the name before them: ``DB_PASSWORD=…``, ``"token": "…"``; pure."""

import re
from collections.abc import Iterator
from functools import cache

Span = tuple[int, int]
"""Begin and end (exclusive) of a secret, as positions in a text."""

_LONGEST_NAME = 40

_END = rb"(?= [\s\"',;&)}\]\\] | \Z )"
_NO_SECRET = (
    rb"""
    (?! ["']? (?: (?i: none | null | nil | true | false | yes | no | unset | undefined | missing
                     | required | invalid | expired | denied | rejected | changed | empty | unknown
                     | string | file | prompt | authentication | to | and | or | is | was | for
                     | from | in | of | not | with | the | you )
                | < [\w -]+ >
                | \$ (?: \w+ | \{ [^}\s]* \} | \( [^)]* \) )   # a reference to a variable
                | (?: \xe2\x80\xa2 ){4}                                 # taken out before
              ) """
    + _END
    + rb"""
      | ["']? (?: / (?: etc | var | run | home | root | usr | opt | srv | tmp | mnt | data | dev
                      | proc | secrets? | app | vault | certs? ) / | ~/ | \.\.?/ )
      | \d+ [ ] bytes\b                                        # kubectl describe secret
      | \{ (?: [{"'\s}] | \Z ) | \[ (?: ["'\s\]] | \Z )          # more names, or a list
    )
    """
)
VALUE = (
    _NO_SECRET
    + rb"""
    (?: "  (?: [^"\\\r\n] | \\. )+ (?: " | (?= [\r\n] ) | \Z )
      | '  [^'\r\n]+ (?: ' | (?= [\r\n] ) | \Z )
      | \\" (?: [^"\\\r\n] | \\[^"\r\n] )+ \\"
      | [^\s"',;&}\x00-\x1f]
        (?: [^\s"',;&}\x00-\x1f] | [,;&] (?! \s | \Z | [\w.-]+ [=:] | ["'{\\] )
          | \} (?! [\s"',;&}\])\\] | \Z ) )*
    )
    """
)
"""A value as it stands in shells, YAML, JSON and log lines, in verbose syntax."""

_ASSIGNED = (
    rb"(?: \\? [\"'] )? [ \t]{0,40} (?: => | :=? | = (?! > ) ) [ \t]{0,40} (" + VALUE + rb")"
)
_GIVEN = rb"(?: [ \t]{1,40} | [\"'] , [ ]? ) (?!-) (" + VALUE + rb")"
_QUOTED = rb"[ \t]{1,40} ('[^'\r\n]+')"
_ALONE = rb"[ \t]{1,40} (" + VALUE + rb") [ \t]* (?= [\r\n] | \Z )"
_LONG_KEY = (
    rb"""
    (?: \\? ["'] )? [ \t]{0,40} [=:] [ \t]{0,40}
    ( ["']? (?: [0-9a-fA-F]{32,}
              | (?= [a-z0-9+/_-]* [A-Z] ) (?= [A-Z0-9+/_-]* [a-z] ) (?= [A-Za-z+/_-]* [0-9] )
                [A-Za-z0-9+/_-]{20,} ={0,2} ) )
    """
    + _END
)
_IS_OPTION = rb"(?: (?: ^ | [\s\"'] ) --[\w-]{0,40} | \b login [ \t]+ \S+ [ \t]+ | \b require ) \Z"
_IS_USER_OF_URL = rb":// [^\s/:]* \Z"
_IS_FIRST = rb"(?: ^ | [\r\n] ) [ \t]* \Z"
_IS_KEY_OF_SECRETS = rb"""
    (?: api | access | secret | private | encryption | signing | signature | master | auth | ssh
      | account | service | client | session | shared | storage | license | deploy | root | hmac
      | jwt | webhook | app | admin | server | fernet | cipher | vault | unseal ) [_.-]? \Z
"""


def value_spans(text: bytes, begin: int, end: int) -> Iterator[Span]:
    """Yield the value, if any, of the name whose last part is from ``begin`` to ``end``."""
    if text[begin:end].lower().startswith(b"key"):
        before = text[max(0, begin - _LONGEST_NAME) : begin].lower()
        if not compiled(_IS_KEY_OF_SECRETS).search(before):
            if match := compiled(_LONG_KEY).match(text, end):
                yield match.span(1)
            return
    value = compiled(_ASSIGNED).match(text, end)
    if value is None and text[end : end + 1] in (b" ", b"\t", b'"', b"'"):
        before = text[max(0, begin - 2 * _LONGEST_NAME) : begin]
        if text[begin:end].lower().startswith(b"pass"):
            value = compiled(_QUOTED).match(text, end)
        if value is None and compiled(_IS_OPTION).search(before):
            value = compiled(_GIVEN).match(text, end)
        if value is None and compiled(_IS_FIRST).search(before):
            value = compiled(_ALONE).match(text, end)
    if value and not compiled(_IS_USER_OF_URL).search(text, max(0, begin - _LONGEST_NAME), end):
        yield value.span(1)


@cache
def compiled(source: bytes) -> re.Pattern[bytes]:
    """Return the verbose ``source``, compiled when first needed: most processes never do."""
    return re.compile(source, re.VERBOSE)
