"""The verbs of what runs containers: kubectl, docker, compose, helm."""

from procedures.risk.tool import Tool
from procedures.risk.verdicts import changes, destroys, reads
from procedures.risk.words import option_set

KUBECTL = Tool(
    with_value=option_set(
        "-n --namespace --context --cluster --user --kubeconfig -s --server --token --as --as-group"
        " --request-timeout --cache-dir -v --v --certificate-authority"
    ),
    flags=option_set("--insecure-skip-tls-verify --warnings-as-errors --help -h"),
    verbs={
        **reads(
            "get, describe, logs, top, explain, version, api-resources, api-versions, cluster-info,"
            " diff, wait, events, options, completion, auth can-i, auth whoami, rollout status,"
            " rollout history, config current-context, config view, config get-contexts,"
            " config get-clusters, config get-users, certificate list"
        ),
        **changes("rollout restart", "replaces every pod, one after another"),
        **changes("rollout undo", "returns to the revision before"),
        **changes("rollout pause, rollout resume", "holds or resumes a roll-out"),
        **changes("apply, create, patch, label, annotate, set, edit, expose", "changes objects"),
        **changes("autoscale, cordon, uncordon, taint, run, debug, cp", "changes the cluster"),
        **changes("port-forward, proxy", "opens a way into the cluster"),
        **changes("config", "changes where later commands go"),
        **destroys("delete", "deletes objects"),
        **destroys("drain", "evicts every pod of a node"),
        **destroys("replace", "replaces objects"),
        **destroys("config delete-context, config delete-cluster", "forgets a target"),
    },
)

COMPOSE_TOOL = Tool(
    with_value=option_set(
        "-f --file -p --project-name --profile --env-file --project-directory --ansi --parallel"
        " --progress -c --context -H --host --log-level"
    ),
    flags=option_set(
        "--compatibility --verbose --no-ansi --dry-run --tls --tlsverify -v --version"
    ),
    verbs={
        **reads("ps, logs, top, images, config, convert, events, port, version, ls, stats, wait"),
        **changes("restart", "restarts containers: a short outage of each"),
        **changes("up, start, unpause, create, run, scale", "starts or replaces containers"),
        **changes("pull, push, build, cp, watch", "changes images or files"),
        **destroys("down, rm", "removes containers"),
        **destroys("stop, kill, pause", "takes the service away"),
    },
)

DOCKER = Tool(
    with_value=option_set("-H --host -c --context -l --log-level --config"),
    flags=option_set("-D --debug --tls --tlsverify -v --version"),
    groups=option_set(
        "container image volume network system builder buildx context service stack node swarm"
        " config secret plugin manifest trust"
    ),
    verbs={
        **reads(
            "ps, ls, list, logs, inspect, stats, top, events, images, info, version, diff, port,"
            " search, history, wait, show, df"
        ),
        **changes("restart", "restarts a container: a short outage of it"),
        **changes("start, unpause, create, run, update, rename", "changes containers"),
        **changes("pull, push, build, tag, load, import, save, export, cp", "changes images"),
        **changes("connect, login, logout, use, commit, init, join", "changes the engine's set-up"),
        **destroys("rm, rmi, prune, remove", "removes containers, images or volumes"),
        **destroys(
            "stop, kill, pause, disconnect, leave, demote", "takes a container or node away"
        ),
    },
)

HELM = Tool(
    with_value=option_set("-n --namespace --kube-context --kubeconfig --registry-config"),
    flags=option_set("--debug"),
    verbs={
        **reads(
            "list, ls, status, get, history, template, lint, diff, show, search, version, env,"
            " verify, repo list, dependency list, plugin list"
        ),
        **changes("install, upgrade, test", "changes releases"),
        **changes("rollback", "returns to the revision before"),
        **changes("repo, dependency, pull, push, package, plugin", "changes charts"),
        **destroys("uninstall, delete, del", "removes a release"),
    },
)
