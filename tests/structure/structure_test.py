#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The rules that the tree keeps about itself. Each message names the remedy.

    structure_test.py SOURCE_DIR
"""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import document_code

LINES_MAX = 450
CODE = {".cpp", ".hpp", ".c", ".h"}
COMMENTED = CODE | {".py", ".sh", ".cmake", ".js", ".mjs"}
SPDX = "SPDX-License-Identifier: BSD-3-Clause"

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)

# The door to the operating system, by the noun in the name of the file.
SOCKET_HEADERS = re.compile(
    r"^(sys/(socket|un|epoll|eventfd|timerfd|signalfd|sendfile|uio|ioctl|select)\.h|netinet/.*|arpa/.*|net/.*|"
    r"netdb\.h|ifaddrs\.h|poll\.h|liburing(/.*|\.h)|linux/.*)$")
# Where programs find the names of options for set_socket_option and get_socket_option, and how to wait for standard input.
FOR_PROGRAMS = re.compile(r"^(netinet/(in|ip|tcp)|poll)\.h$")
DOOR = re.compile(r"^(epoll|uring|kernel|socket|resolver|wake|endpoint|address)(_\w+)?\.(cpp|hpp)$")

# Who may include whose headers: <actornet/net/...> belongs to net, the rest of <actornet/...> to actors.
MAY_INCLUDE = {
    "net": {"net"},
    "actors": {"net", "actors"},
    "apps": {"net", "actors"},
}


class Tree:
    """The files that the repository holds or would hold, with their text read once."""

    def __init__(self, root):
        self.root = root
        listed = sorted(self._listed())
        self.links = [path for path in listed if (root / path).is_symlink()]
        self.paths = [path for path in listed if (root / path).is_file()]
        self._texts = {}

    def _listed(self):
        try:
            listed = subprocess.run(["git", "-C", str(self.root), "ls-files", "-co", "--exclude-standard", "-z"],
                                    capture_output=True, text=True, check=True).stdout
            return [pathlib.Path(name) for name in listed.split("\0") if name]
        except (FileNotFoundError, subprocess.CalledProcessError):  # there is no git, or the tree is an unpacked archive
            return [path.relative_to(self.root) for path in document_code.files(self.root)]

    def text(self, path):
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(errors="replace")
        return self._texts[path]

    def code(self, *folders):
        return [path for path in self.paths
                if path.suffix in CODE and (not folders or path.parts[0] in folders)]

    def includes(self, path):
        return [(quote, name) for quote, name in INCLUDE.findall(self.text(path))]


def net_knows_no_caf(tree):
    for path in tree.code("net"):
        if re.search(r'#\s*include\s*[<"]caf/|\bcaf::', tree.text(path)):
            yield f"{path}: net/ must not know CAF; move what needs it to actors/"


def sockets_stay_behind_the_door(tree):
    for path in tree.code("net", "actors", "apps"):
        is_door = path.parts[:2] == ("net", "src") and DOOR.match(path.name)
        for _, name in tree.includes(path):
            is_for_programs = path.parts[0] == "apps" and FOR_PROGRAMS.match(name)
            if SOCKET_HEADERS.match(name) and not is_door and not is_for_programs:
                yield (f"{path}: includes <{name}>; only sources of the door in net/src may (epoll_*, uring_*, kernel_*, "
                       "socket_*, resolver_*, wake_*, endpoint, address): ask the I/O backend, or add to the door")


def nothing_prints_through_caf(tree):
    for path in tree.code("actors", "apps"):
        found = re.search(r"\baout\b|\bCAF_LOG_\w+", tree.text(path))
        if found:
            yield (f"{path}: `{found.group()}` goes through one blocking actor of the whole system; "
                   "in actors/ give the line to the log_sink, in apps/ print it")


# Newer CAF has schedulers where 0.17 has execution units, and other mailboxes: what would have to change.
CAF_INTERNALS = {
    r"execution_unit": {"endpoint_actor", "handler_watches", "hosted_actor", "io_loop", "responder", "sink_watch", "testkit/probe"},
    r"(?<![\w.])activate\(|\bmailbox\(\)\.(try_|push_|close)|\btry_(un)?block\b|\bget_(normal|urgent)_queue\b": {"hosted_actor"},
}


def internals_of_caf_are_in_few_files(tree):
    for path in tree.code("actors", "apps"):
        noun = str(path.with_suffix("")).replace("actors/src/", "")
        for internals, files in CAF_INTERNALS.items():
            found = re.search(internals, tree.text(path))
            if found and noun not in files:
                yield (f"{path}: names `{found.group()}`, which newer CAF does not have so; keep that to "
                       f"{', '.join(sorted(files))} in actors/src")


def owner(name):
    if name == "actornet/version.hpp":
        return "net"
    if name.startswith("actornet/net/"):
        return "net"
    return "actors" if name.startswith("actornet/") else None


def directions_hold(tree):
    for folder, allowed in MAY_INCLUDE.items():
        for path in tree.code(folder):
            for _, name in tree.includes(path):
                if owner(name) and owner(name) not in allowed:
                    yield (f"{path}: includes <{name}> of {owner(name)}/, but {folder}/ may use only "
                           f"{', '.join(sorted(allowed))}; move the dependency down or the code up")
    apps = {path.name for path in tree.code("apps") if path.suffix == ".hpp"}
    for path in tree.code("net", "actors"):
        for quote, name in tree.includes(path):
            if quote == '"' and pathlib.Path(name).name in apps and not (tree.root / path.parent / name).exists():
                yield f'{path}: includes "{name}" of apps/; nobody may stand on apps/'


def includes_have_one_spelling(tree):
    for path in tree.code("net", "actors", "apps", "tests", "bench"):
        for quote, name in tree.includes(path):
            if quote == '"' and name.startswith("actornet/"):
                yield f'{path}: write <{name}>, as a user does, not "{name}"'
            if ".." in pathlib.PurePath(name).parts:
                yield f'{path}: "{name}" climbs out of its folder; include it from the include path'


def public_headers_are_where_their_namespace_says(tree):
    for folder, prefix, namespace in (("net", "net/include/actornet/net", "actornet::net"),
                                      ("actors", "actors/include/actornet", "actornet")):
        for path in tree.code(folder):
            if path.suffix != ".hpp" or path.parts[1] != "include":
                continue
            if not str(path).startswith(prefix + "/"):
                yield f"{path}: public headers of {folder}/ live in {prefix}/"
            elif not re.search(rf"\bnamespace {namespace}\b|^#include <actornet/", tree.text(path), re.M):
                yield f"{path}: the path is the namespace; open namespace {namespace}"
            if "#pragma once" not in tree.text(path):
                yield f"{path}: add #pragma once"


def without_comments(listfile):
    return re.sub(r"#\[\[.*?\]\]|#[^\n]*", "", listfile, flags=re.S)


def every_source_is_in_a_target(tree):
    lists = {path.parent: without_comments(tree.text(path)) for path in tree.paths if path.name == "CMakeLists.txt"}
    for path in tree.code():
        if path.suffix in (".cpp", ".c"):
            home = next((folder for folder in path.parents if folder in lists), None)
            name = str(path.relative_to(home)) if home is not None else ""
            if home is None or not re.search(rf"(?<![\w/.]){re.escape(name)}(?![\w/.])", lists[home]):
                yield f"{path}: is in no target; list it in {home or path.parent}/CMakeLists.txt"


def every_private_header_is_included(tree):
    included = {}
    for path in tree.code():
        for _, name in tree.includes(path):
            included.setdefault(pathlib.Path(name).name, []).append((path, pathlib.Path(name).parts))
    for path in tree.code():
        if path.suffix in (".hpp", ".h") and "include" not in path.parts:
            users = [user for user, parts in included.get(path.name, ())
                     if user != path and path.parts[-len(parts):] == parts]
            if not users:
                yield f"{path}: nobody includes it; remove it"


def every_file_names_its_license(tree):
    for path in tree.paths:
        if path.suffix in COMMENTED or path.name in ("CMakeLists.txt", "run") or str(path) == ".ci/run":
            if SPDX not in "\n".join(tree.text(path).split("\n")[:2]):
                yield f"{path}: the first line (the second after #!) must be the comment `{SPDX}`"


def no_source_is_long(tree):
    for path in tree.paths:
        lines = tree.text(path).count("\n")
        if path.suffix in COMMENTED and lines > LINES_MAX:
            yield f"{path}: {lines} lines, more than {LINES_MAX}; split it: one noun per file"


def nothing_of_this_machine_is_in_the_tree(tree):
    here = re.escape(str(tree.root.resolve()))
    there = re.compile(rf"(?<![\w.}}/-])(/root|/home/\w+|/Users/\w+|{here})/")
    for path in tree.paths:
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            if there.search(line) and "there = re.compile" not in line:
                yield f"{path}:{number}: a path of one machine; say it relative to the repository"


def nothing_stands_outside_the_repository(tree):
    outside = re.compile(r"\.\./shared\b|\b(DESIGN|CONSOLE|STYLE)\.md\b")
    for path in tree.paths:
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            found = outside.search(line)
            if found:
                yield f"{path}:{number}: `{found.group()}` is not in the repository; say here what there is to know"
    for path in tree.links:
        if not (tree.root / path).resolve().is_relative_to(tree.root):
            yield f"{path}: the symbolic link leaves the repository"


def no_ghosts(tree):
    ghost = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|^\s*#\s*if 0\b|\[!(mayfail|shouldfail)\]|\[\.\]", re.M)
    for path in tree.code():
        found = ghost.search(tree.text(path))
        if found:
            yield f"{path}: `{found.group().strip()}`; do it now, or write it into the issue tracker"


def tests_do_not_sleep(tree):
    sleep = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|time\.sleep)\b|\bsleep\s*\(|\bimport\b.*\bsleep\b")
    for path in tree.paths:
        if path.parts[0] == "tests" and path.suffix in COMMENTED and path.parts[1] != "structure":
            if sleep.search(tree.text(path)):
                yield f"{path}: sleeps; step the simulated clock, or wait for a condition with a deadline"


def documents_name_real_commands(tree):
    run = tree.text(pathlib.Path("run"))
    verbs = set(re.findall(r"^verb_(\w+)\(\)", run, re.M))
    for verb in verbs - set(re.findall(r"^verb_(\w+)\(\) \{ # ", run, re.M)):
        yield f"run: say behind verb_{verb}() {{ what it does; ./run help shows that"
    for document in document_code.documents(tree.root):
        for verb in re.findall(r"\./run ([a-z]\w*)", document.read_text()):
            if verb not in verbs:
                yield f"{document.relative_to(tree.root)}: `./run {verb}` does not exist; see ./run help"


def documents_link_to_files(tree):
    link = re.compile(r"\]\((?![a-z]+:|#)([^)#\s]+)")
    for path in tree.paths:
        if path.suffix == ".md":
            prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", tree.text(path), flags=re.M | re.S)
            for target in link.findall(prose):
                end = (tree.root / path.parent / target).resolve()
                if not end.is_relative_to(tree.root):
                    yield f"{path}: the link to {target} climbs out of the repository"
                elif not end.exists():
                    yield f"{path}: the link to {target} leads nowhere"


def cpp_in_documents_can_be_compiled(tree):
    for document, line, code, is_body in document_code.blocks(tree.root):
        if not is_body and not document_code.PROGRAM.search(code):
            yield (f"{document}:{line}: this block is not a complete program; "
                   "make it one, or put `<!-- compile: body -->` on the line before it")


RULES = [
    net_knows_no_caf,
    sockets_stay_behind_the_door,
    nothing_prints_through_caf,
    internals_of_caf_are_in_few_files,
    directions_hold,
    includes_have_one_spelling,
    public_headers_are_where_their_namespace_says,
    every_source_is_in_a_target,
    every_private_header_is_included,
    every_file_names_its_license,
    no_source_is_long,
    nothing_of_this_machine_is_in_the_tree,
    nothing_stands_outside_the_repository,
    no_ghosts,
    tests_do_not_sleep,
    documents_name_real_commands,
    documents_link_to_files,
    cpp_in_documents_can_be_compiled,
]


def main():
    tree = Tree(pathlib.Path(sys.argv[1]).resolve())
    broken = 0
    for rule in RULES:
        messages = list(rule(tree))
        broken += len(messages)
        print(f"{'ok  ' if not messages else 'FAIL'} {rule.__name__.replace('_', ' ')}")
        for message in messages:
            print(f"     {message}")
    print(f"{len(tree.paths)} files, {len(RULES)} rules, {broken} broken")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
