"""Commands whose options decide how dangerous they are."""

from collections.abc import Callable

from procedures.risk.archives import judge_compressor, judge_tar
from procedures.risk.cloud import (
    judge_ansible,
    judge_aws,
    judge_cloud,
    judge_gsutil,
    judge_playbook,
)
from procedures.risk.crypto import judge_age, judge_gpg, judge_openssl
from procedures.risk.filters import (
    judge_awk,
    judge_find,
    judge_sed,
    judge_sort,
    judge_tee,
    judge_uniq,
)
from procedures.risk.stores import judge_pg_restore, judge_psql, judge_redis, judge_vacuumdb
from procedures.risk.system import SYSTEM_JUDGES
from procedures.risk.verdicts import Verdict
from procedures.risk.web import judge_curl, judge_wget
from procedures.risk.words import Words

JUDGES: dict[str, Callable[[Words], Verdict]] = {
    **SYSTEM_JUDGES,
    "curl": judge_curl,
    "wget": judge_wget,
    "find": judge_find,
    "sed": judge_sed,
    "tee": judge_tee,
    "sort": judge_sort,
    "uniq": judge_uniq,
    "tar": judge_tar,
    "redis-cli": judge_redis,
    "psql": judge_psql,
    "pg_restore": judge_pg_restore,
    "vacuumdb": judge_vacuumdb,
    "openssl": judge_openssl,
    "age": judge_age,
    "aws": judge_aws,
    "gsutil": judge_gsutil,
    "ansible": judge_ansible,
    "ansible-playbook": judge_playbook,
    **dict.fromkeys(("gpg", "gpg2"), judge_gpg),
    **dict.fromkeys(("awk", "gawk", "mawk"), judge_awk),
    **dict.fromkeys(("gcloud", "az"), judge_cloud),
    **dict.fromkeys(
        ("gzip", "gunzip", "pigz", "bzip2", "bunzip2", "xz", "unxz", "zstd", "unzstd"),
        judge_compressor,
    ),
}
"""A judge for each command whose options decide; it is given the words after the name."""
