"""Secrets that are known by their looks or by the command that they are given to; pure.

A word that every such secret comes with is looked for first, and only a line that has it is read
closely: output of megabytes mostly has none.
"""

from collections.abc import Iterator

from procedures.execution.secret_names import VALUE, Span, compiled, named_spans

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
_REDIS = (
    rb"\b (?: redis-cli \b [^|;&]{0,400}? \s (?: -a | --pass ) | requirepass | masterauth ) \s+ ("
    + VALUE
    + rb")"
)
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

_AT_UNDERSCORE = rb"_ (?: (?<= gh[pousr]_ ) | pat_ | (?: live|test )_ | (?<= npm_ ) ) [a-z0-9]{16}"
_AT_DOT = rb"\. (?<= [brsv]\. ) [\w-]{20}"
_AT_K = rb"k (?: ie [\"']? \s? [:=] | (?<= sk ) -[\w-]{20} )"

_BY_WORD: tuple[tuple[bytes, tuple[bytes, ...]], ...] = (
    (b"uthorization", (_AUTHORIZATION, _BARE_AUTHORIZATION)),
    (b"Bearer ", (_AUTHORIZATION,)),
    (b"curl ", (_CURL,)),
    (b"sshpass", (_SSHPASS,)),
    (b"mysql", (_MYSQL,)),
    (b"mariadb", (_MYSQL,)),
    (b"redis-cli ", (_REDIS,)),
    (b"requirepass ", (_REDIS,)),
    (b"masterauth ", (_REDIS,)),
    (b"hooks.slack.com/", (_WEBHOOK,)),
    (b"LS0tLS1CRUdJTiB", (_PEM_IN_BASE64,)),
    (b"AGE-SECRET-KEY-", (_AGE,)),
    (b"KIA", (_AWS,)),
    (b"SIA", (_AWS,)),
    (b"glpat-", (_GITLAB,)),
    (b"AIza", (_GOOGLE,)),
    (b"eyJ", (_JWT,)),
    (b"xox", (_SLACK,)),
    (b"xapp-", (_SLACK,)),
    (b"@", (_URL,)),
    (b":*:", (_PGPASS,)),
    (b"432:", (_PGPASS,)),
)
"""Words, in small letters where their case is of no account, and how lines with them are read."""

_BY_LETTER: tuple[tuple[bytes, tuple[bytes, ...]], ...] = (
    (_AT_UNDERSCORE, (_GITHUB, _NPM, _STRIPE)),
    (_AT_DOT, (_VAULT,)),
    (_AT_K, (_SK, _SET_COOKIE, _COOKIE)),
)
"""The same for what has a rare letter in common, sought with one search for all of it."""


def secret_spans(text: bytes) -> Iterator[Span]:
    """Yield where ``text``, which is of whole lines, has what looks like a secret."""
    lowered = text.lower()
    yield from named_spans(text, lowered)
    for word, sources in _BY_WORD:
        searched = lowered if word.islower() else text
        position = searched.find(word)
        while position >= 0:
            begin, end = _line_at(text, position)
            yield from _spans_in(text, begin, end, sources)
            position = searched.find(word, end)
    for sign, sources in _BY_LETTER:
        match = compiled(sign).search(lowered)
        while match:
            begin, end = _line_at(text, match.start())
            yield from _spans_in(text, begin, end, sources)
            match = compiled(sign).search(lowered, end)


def may_be_begun(word: bytes) -> bool:
    """Tell whether ``word``, the last of a text that goes on, may have announced a secret."""
    lowered = word.lower()
    return any(
        known in (lowered if known.islower() else word)
        for known in (*(word for word, _ in _BY_WORD), *_BEGINNINGS)
    )


_BEGINNINGS = (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"_pat_", b"npm_", b"_live_",
               b"_test_", b"sk-", b"hvs.", b"hvb.", b"hvr.")  # fmt: skip


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
