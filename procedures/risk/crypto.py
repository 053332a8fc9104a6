"""Judging what encrypts, signs and looks at certificates: openssl, gpg, age."""

from itertools import pairwise

from procedures.risk.outputs import SINKS
from procedures.risk.verdicts import HARMLESS, Verdict, change, destructive
from procedures.risk.words import Words, has

_LOOKS = frozenset(
    {"x509", "verify", "s_client", "s_time", "rand", "dgst", "pkey", "rsa", "ec", "req", "crl"}
    | {"ciphers", "version", "asn1parse", "enc", "base64", "pkcs12", "pkcs7", "list", "speed"}
    | {"errstr", "ocsp", "sha256", "sha512", "md5", "passwd", "crl2pkcs7", "help", "prime"}
)
"""Subcommands that print, unless an option names a file to write."""

_WRITING_OPTIONS = ("-out", "-keyout", "-sess_out", "-keylogfile", "-writerand", "-respout")


def judge_openssl(words: Words) -> Verdict:
    """Return the verdict on ``openssl``: looking at keys and certificates reads."""
    texts = [f"-{word.text.lstrip('-')}" if word.text[:1] == "-" else word.text for word in words]
    verb = texts[0] if texts else ""
    if any(text in ("-engine", "-provider", "-config", "-revoke") for text in texts):
        return destructive("revokes, or loads what is not shown")
    if any(text.startswith(("-CAcreateserial", "-CAserial")) for text in texts):
        return change("writes a serial number")
    for text, value in pairwise([*texts, ""]):
        if text in _WRITING_OPTIONS and value not in SINKS:
            return change("writes a key, a certificate or data to a file")
    return HARMLESS if verb in _LOOKS else change("works with keys or certificates")


_GPG_LOOKS = ("--list-keys", "--list-secret-keys", "--list-public-keys", "--list-packets",
              "--fingerprint", "--verify", "--version", "--decrypt", "--list-config")  # fmt: skip


def judge_gpg(words: Words) -> Verdict:
    """Return the verdict on ``gpg``; deciphering to standard output only reads."""
    texts = [word.text for word in words]
    if any(text.startswith(("--delete", "--gen-rev", "--quick-rev")) for text in texts):
        return destructive("deletes or revokes keys")
    looks = any(text in _GPG_LOOKS or text in ("-d", "-k", "-K") for text in texts)
    if looks and not has(words, "--output", letters="o"):
        return HARMLESS
    return change("writes files or keys")


def judge_age(words: Words) -> Verdict:
    """Return the verdict on ``age``; deciphering to standard output only reads."""
    deciphers = has(words, "--decrypt", letters="d")
    if deciphers and not has(words, "--output", letters="o"):
        return HARMLESS
    return change("writes an encrypted file")
