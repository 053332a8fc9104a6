"""Secrets that are known by their looks or by the command that they are given to; pure.

A word that every such secret comes with is looked for first, and only a line that has it is read
closely: output of megabytes mostly has none.
"""

import re
from collections.abc import Iterator

from procedures.execution.secrets.names import VALUE, Span, compiled, value_spans

# In each, group 1 is the secret; all are in verbose syntax.
_CREDENTIAL = rb"(?!\$) [A-Za-z0-9._~+/=-]"
_AUTHORIZATION = (
    rb"(?: (?i: authorization ) [\"']? \s{0,40} [:=] \s{0,40} [\"']? [\w-]+ | \b Bearer ) \s+ ("
    + _CREDENTIAL
    + rb"{8,})"
)
_BARE_AUTHORIZATION = (
    rb"(?i: authorization ) [\"']? \s{0,40} [:=] \s{0,40} [\"']? (" + _CREDENTIAL + rb"{20,})"
)
_URL = rb"""
    :// [^\s:/@"'<>]{0,256} : (?! \d{1,5} [/?\#] | \$ )
    ( [^\s/"'<>]{1,512} | [^\s@"'<>]{1,512} ) @ (?! sha256: )
"""
_SET_COOKIE = rb"(?i: set-cookie ) [\"']? \s? [:=] \s{0,40} [\"']? [^\s=;\"']+ = ([^\s;\"']+)"
_COOKIE = rb"(?i: (?<! set- ) \b cookie ) [\"']? \s? : \s{0,40} [\"']? ([^\s=;\"']+=[^\"'\r\n]+)"
_SSHPASS = rb"\b sshpass \b .{0,80}? \s -p \s* (" + VALUE + rb")"
_MYSQL = rb"\b (?:mysql|mariadb) [\w-]* \b [^|;&]{0,400}? \s -p (?= \S ) (" + VALUE + rb")"
_CURL = rb"""
    \b curl \b [^|;]{0,400}? \s (?: -u | -U | --user | --proxy-user ) [\s=]*
    ( " [^\s:"]{1,200} : (?!\$) [^"\r\n]+ " | ' [^\s:']{1,200} : (?!\$) [^'\r\n]+ '
    | (?<= \s ) [^\s:"'-][^\s:"']{0,200} : (?!\$) [^\s"']+
    | (?<= [uU=] ) [^\s:"']{1,200} : (?!\$) [^\s"']+ )
"""
_REDIS = rb"\b redis-cli \b [^|;&]{0,400}? \s (?: -a | --pass ) \s+ (" + VALUE + rb")"
_PGPASS = rb"""
    (?: ^ | (?<= [\r\n] ) ) [^\s:]{1,256} : (?: \d{4,5} | \* ) : [^\s:]{1,64} : [^\s:]{1,64} :
    (?!\$) ( \S+ ) (?= [\r\n] | \Z )
"""
_PEM_IN_BASE64 = rb"(LS0tLS1CRUdJTiB(?!DRVJU|QVUJM)[A-Za-z0-9+/_-]{20,}={0,2})"
_WEBHOOK = rb"hooks\.slack\.com/(?:services|workflows|triggers)/ ([\w/-]+)"
_AGE = rb"( \b AGE-SECRET-KEY-1 [A-Z0-9]{20,} )"
_AWS = rb"( (?<! [A-Za-z0-9] ) A[KS]IA [0-9A-Z]{16} (?! [A-Za-z0-9] ) )"
_GITHUB = rb"( \b (?: gh[pousr]_[A-Za-z0-9]{20,} | (?:github|dckr)_pat_[\w-]{20,} ) )"
_GITLAB = rb"( \b glpat-[\w-]{16,} )"
_GOOGLE = rb"( \b AIza[\w-]{30,} )"
_JWT = rb"( (?<! [\w-] ) eyJ[\w-]{8,} (?: \.[\w-]* ){1,4} )"
_NPM = rb"( \b npm_[A-Za-z0-9]{30,} )"
_SK = rb"( (?<! [\w-] ) sk-[\w-]{20,} )"
_SLACK = rb"( \b (?: xox[abeoprs] | xapp )-[\w-]{8,} )"
_STRIPE = rb"( \b [rs]k_(?:live|test)_[A-Za-z0-9]{16,} )"
_VAULT = rb"( (?<! [\w.-] ) (?: hv[sbr]\.[\w-]{20,} | s\.[A-Za-z0-9]{24} (?! [\w.] ) ) )"

_Sign = tuple[bytes, bytes, tuple[bytes, ...]]
"""A word to look for (empty: look for the pattern at once), the pattern that must match where it
is, and patterns for the whole line then. If the pattern's group 1 matches, a name ends with it."""

_AT_K = rb"""
    k (?: ( (?<= tok ) en | ey (?: [_-]data )? | (?<= dock ) erc (?: onfigjson | fg ) ) (?! \w)
        | ie ["']? \s? [:=] | (?<= sk ) -[\w-]{20} )
"""
_AT_UNDERSCORE = rb"""
    _ (?: (pwd|auth) (?! \w)
        | (?: (?<= gh[pousr]_ ) | pat_ | (?: live|test )_ | (?<= npm_ ) ) [a-z0-9]{16} )
"""
_IN_ANY_CASE: tuple[_Sign, ...] = (
    (b"pass", rb"pass ( w(?:or)?d | phrase | (?<= [_-]pass ) | (?<= requirepass ) ) (?! \w)", ()),
    (b"secret", rb"secret () (?! \w)", ()),
    (b"credential", rb"credential (s?) (?! \w)", ()),
    (b'"auth', rb"\"auth () (?= \\?\")", ()),
    (b"uthorization", rb"", (_AUTHORIZATION, _BARE_AUTHORIZATION)),
    # One rare letter, and one search, for several signs: faster than a search for each.
    (
        b"",
        _AT_K,
        (_SK, _SET_COOKIE, _COOKIE),
    ),
    (
        b"",
        _AT_UNDERSCORE,
        (_GITHUB, _NPM, _STRIPE),
    ),
    (b"", rb"\. (?<= [brsv]\. ) [\w-]{20}", (_VAULT,)),
    (b"", rb"x (?: ox[abeoprs] | app )-", (_SLACK,)),
    (
        b" -",
        rb"\ -(?: -user | -proxy-user | u | -pass | a | p )",
        (_CURL, _MYSQL, _REDIS, _SSHPASS),
    ),
)
_IN_THIS_CASE: tuple[_Sign, ...] = (
    (b"", rb"B earer \s", (_AUTHORIZATION,)),
    (b"", rb"J (?<= eyJ ) [\w-]{8}", (_JWT,)),
    (b"", rb"K (?: (?<= AK ) IA | EY-1 )", (_AWS, _AGE)),
    (b"", rb"S (?<= AS ) IA", (_AWS,)),
    (b"", rb"z (?<= AIz ) a", (_GOOGLE,)),
    (b"LS0tLS1CRUdJTiB", rb"", (_PEM_IN_BASE64,)),
    (b"glpat-", rb"", (_GITLAB,)),
    (b"hooks.slack.com/", rb"", (_WEBHOOK,)),
    (b"@", rb"", (_URL,)),
    (b"", rb"\* (?<= :\* ) :", (_PGPASS,)),
    (b"432:", rb"", (_PGPASS,)),
)


def secret_spans(text: bytes) -> Iterator[Span]:
    """Yield where ``text``, which is of whole lines, has what looks like a secret."""
    for searched, signs in ((text.lower(), _IN_ANY_CASE), (text, _IN_THIS_CASE)):
        for word, sign, sources in signs:
            done = 0
            for match in _found(searched, word, sign):
                if match.lastindex:
                    yield from value_spans(text, *match.span())
                elif match.start() >= done:
                    begin, done = _line_at(text, match.start())
                    yield from _spans_in(text, begin, done, sources)


def _found(searched: bytes, word: bytes, sign: bytes) -> Iterator[re.Match[bytes]]:
    if not word:
        yield from compiled(sign).finditer(searched)
        return
    position = searched.find(word)
    while position >= 0:
        if match := compiled(sign).match(searched, position):
            yield match
        position = searched.find(word, position + len(word))


_BEGINNINGS = re.compile(
    rb"""gh[pousr]_ | _pat_ | npm_ | _(?:live|test)_ | sk- | hv[brs]\. | \bs\. | xox | xapp- | eyJ
       | A[KS]IA | AIza | glpat- | LS0tLS1C | AGE-SECRET | :// | hooks\.slack""",
    re.VERBOSE,
)


def may_be_begun(word: bytes) -> bool:
    """Tell whether ``word``, with which a text ends for now, may be the first part of a secret."""
    return _BEGINNINGS.search(word) is not None


def _spans_in(text: bytes, begin: int, end: int, sources: tuple[bytes, ...]) -> Iterator[Span]:
    for source in sources:
        for match in compiled(source).finditer(text, begin, end):
            yield match.span(1)


def _line_at(text: bytes, position: int) -> Span:
    begin = text.rfind(b"\n", 0, position) + 1
    end = text.find(b"\n", position)
    end = len(text) if end < 0 else end
    returned = text.find(b"\r", position, end)
    return max(begin, text.rfind(b"\r", begin, position) + 1), end if returned < 0 else returned
