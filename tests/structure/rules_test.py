#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The rules of the tree notice what they are there for: each on little trees that break it, some on trees that do not."""

import pathlib
import subprocess
import tempfile
import unittest
import unittest.mock

import document_code
import structure_test


class Rules(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name, "tree").resolve()
        self.root.mkdir()

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def broken(self, rule):
        """What the rule says of the tree so far."""
        return list(rule(structure_test.Tree(self.root)))

    def assert_kept(self, rule):
        self.assertEqual(self.broken(rule), [])

    def assert_broken(self, rule, *parts):
        [message] = self.broken(rule)
        for part in parts:
            self.assertIn(part, message)


LICENSE = f"// {structure_test.SPDX}\n"

# Of each rule, files that break it, one by one, with what it says of them; ROOT is where the tree is.
BREAKING = {
    structure_test.net_knows_no_caf: [
        ("net/src/a.cpp", "#include <caf/actor.hpp>\n", "must not know CAF"),
        ("net/include/actornet/net/a.hpp", "void f(caf::actor);\n", "must not know CAF"),
    ],
    structure_test.sockets_stay_behind_the_door: [
        ("net/src/chunk.cpp", "#include <sys/socket.h>\n", "includes <sys/socket.h>"),
    ],
    structure_test.nothing_prints_through_caf: [
        ("actors/src/a.cpp", 'caf::aout(self) << "a";\n', "`aout`"),
        ("apps/a.cpp", 'CAF_LOG_ERROR("a");\n', "`CAF_LOG_ERROR`"),
    ],
    structure_test.internals_of_caf_are_in_few_files: [
        ("actors/src/a.cpp", "caf::execution_unit* unit;\n", "`execution_unit`"),
        ("actors/src/io_loop.cpp", "self->mailbox().try_pop();\n", "keep that to hosted_actor"),
        ("apps/io_loop.cpp", "caf::execution_unit* unit;\n", "`execution_unit`"),
    ],
    structure_test.directions_hold: [
        ("net/src/a.cpp", "#include <actornet/connection.hpp>\n", "of actors/"),
        ("actors/src/a.cpp", '#include "console.hpp"\n', "of apps/"),
    ],
    structure_test.includes_have_one_spelling: [
        ("net/src/a.cpp", '#include "actornet/net/error.hpp"\n', "write <actornet/net/error.hpp>"),
        ("tests/net/a.test.cpp", '#include "../support/dice.hpp"\n', "climbs out"),
    ],
    structure_test.public_headers_are_where_their_namespace_says: [
        ("net/include/actornet/a.hpp", "#pragma once\nnamespace actornet::net {}\n", "live in net/include/actornet/net/"),
        ("actors/include/a.hpp", "#pragma once\nnamespace actornet {}\n", "live in actors/include/actornet/"),
        ("net/include/actornet/net/a.hpp", "#pragma once\nnamespace actornet {}\n", "open namespace actornet::net"),
        ("net/include/actornet/net/a.hpp", "namespace actornet::net {}\n", "#pragma once"),
    ],
    structure_test.every_source_is_in_a_target: [
        ("net/src/a.cpp", "", "in no target"),
    ],
    structure_test.every_private_header_is_included: [
        ("net/src/a.hpp", "", "nobody includes it"),
    ],
    structure_test.every_file_names_its_license: [
        ("net/src/a.cpp", "int a;\n", "must be the comment"),
        ("net/src/a.cpp", "\n\n" + LICENSE, "must be the comment"),
        ("run", "#!/bin/sh\n", "must be the comment"),
        (".ci/run", "#!/bin/sh\n", "must be the comment"),
        ("net/CMakeLists.txt", "", "must be the comment"),
    ],
    structure_test.no_source_is_long: [
        ("tests/a.py", "\n" * (structure_test.LINES_MAX + 1), "split it"),
    ],
    structure_test.nothing_of_this_machine_is_in_the_tree: [
        ("docs/a.md", "\nsee /" + "home/somebody/notes\n", "docs/a.md:2"),
        ("a.cmake", 'set(FOLDER "/' + 'root/x")\n', "a.cmake:1"),
        ("docs/a.md", "see ROOT/net\n", "docs/a.md:1"),
    ],
    structure_test.nothing_stands_outside_the_repository: [
        ("net/a.hpp", "// as DESIGN" + ".md says\n", "is not in the repository"),
    ],
    structure_test.no_ghosts: [
        ("net/src/a.cpp", "// TODO: more\n", "`TODO`"),
        ("net/src/a.cpp", "  #if 0\n", "`#if 0`"),
        ("tests/net/a.test.cpp", 'TEST_CASE("a", "[!mayfail]") {}\n', "`[!mayfail]`"),
        ("tests/net/a.test.cpp", 'TEST_CASE("a", "[.]") {}\n', "`[.]`"),
    ],
    structure_test.tests_do_not_sleep: [
        ("tests/a.py", "time.sleep(1)\n", "sleeps"),
        ("tests/a.py", "from time import monotonic, sleep\n", "sleeps"),
        ("tests/a.py", "pause = time.sleep\n", "sleeps"),
        ("tests/net/a.test.cpp", "sleep(1);\n", "sleeps"),
        ("tests/net/a.test.cpp", "std::this_thread::sleep_for(1s);\n", "sleeps"),
    ],
    structure_test.documents_name_real_commands: [
        ("README.md", "`./run fast`\n", "`./run fast` does not exist"),
    ],
    structure_test.documents_link_to_files: [
        ("README.md", "[none](none.md)\n", "leads nowhere"),
    ],
    structure_test.cpp_in_documents_can_be_compiled: [
        ("README.md", "```cpp\nint part;\n```\n", "README.md:2"),
    ],
}


class EveryRule(Rules):
    def test_it_notices_what_breaks_it(self):
        for rule, files in BREAKING.items():
            for path, text, message in files:
                with self.subTest(rule=rule.__name__, path=path, text=text[:80]):
                    self.write("run", f"#!/bin/sh\n# {structure_test.SPDX}\n")
                    self.write("apps/console.hpp", LICENSE)
                    self.write("apps/console.c", LICENSE + '#include "console.hpp"\n')
                    self.write("apps/CMakeLists.txt", f"# {structure_test.SPDX}\nadd_library(console console.c)\n")
                    self.assert_kept(rule)
                    self.write(path, text.replace("ROOT", str(self.root)))
                    self.assert_broken(rule, message)
                    (self.root / path).unlink()

    def test_each_has_something_that_breaks_it(self):
        self.assertEqual(list(BREAKING), structure_test.RULES)


class Listing(Rules):
    def test_without_git_or_a_repository_all_files_are_looked_at(self):
        self.write("net/a.cpp", "")
        trouble = FileNotFoundError(), subprocess.CalledProcessError(128, "git")
        for each in trouble:
            with self.subTest(each=each), unittest.mock.patch.object(subprocess, "run", side_effect=each):
                self.assertEqual(structure_test.Tree(self.root).paths, [pathlib.Path("net/a.cpp")])


class Sources(Rules):
    RULE = staticmethod(structure_test.every_source_is_in_a_target)

    def test_a_listed_source_is_in_a_target(self):
        self.write("net/CMakeLists.txt", "add_library(net\n  src/a.cpp # the first\n)\n")
        self.write("net/src/a.cpp", "")
        self.assert_kept(self.RULE)

    def test_a_name_within_a_comment_or_another_name_is_no_listing(self):
        self.write("net/src/a.cpp", "")
        for text in ("# src/a.cpp\n", "#[[\nsrc/a.cpp\n]]\n", "add_library(net src/a.cpp.in other/src/a.cpp)\n"):
            with self.subTest(text=text):
                self.write("net/CMakeLists.txt", text)
                self.assert_broken(self.RULE, "net/src/a.cpp", "in no target")


class Headers(Rules):
    RULE = staticmethod(structure_test.every_private_header_is_included)

    def test_a_header_is_included_by_its_path_from_some_folder(self):
        self.write("net/src/simulation/a.hpp", "")
        self.write("net/src/b.cpp", '#include "simulation/a.hpp"\n')
        self.write("net/include/actornet/net/c.hpp", "")
        self.assert_kept(self.RULE)

    def test_a_header_that_only_its_namesake_or_itself_includes_is_an_orphan(self):
        self.write("net/src/simulation/a.hpp", '#include "a.hpp"\n')
        self.write("net/src/b.cpp", '#include "other/a.hpp"\n')
        self.assert_broken(self.RULE, "net/src/simulation/a.hpp", "nobody includes it")


class Door(Rules):
    RULE = staticmethod(structure_test.sockets_stay_behind_the_door)

    def test_sources_of_the_door_include_socket_headers_and_others_do_not(self):
        self.write("net/src/epoll_loop.cpp", "#include <sys/epoll.h>\n")
        self.assert_kept(self.RULE)
        for path in ("net/src/chunk.cpp", "actors/src/epoll_loop.cpp", "apps/a.cpp"):
            with self.subTest(path=path):
                self.write(path, "#include <sys/socket.h>\n")
                self.assert_broken(self.RULE, path, "sys/socket.h")
                (self.root / path).unlink()

    def test_programs_may_name_the_options_of_sockets_and_wait_for_their_input(self):
        for header in ("netinet/tcp.h", "poll.h"):
            self.write("apps/a.cpp", f"#include <{header}>\n")
            self.assert_kept(self.RULE)
            self.write("actors/src/a.cpp", f"#include <{header}>\n")
            self.assert_broken(self.RULE, "actors/src/a.cpp")
            (self.root / "actors/src/a.cpp").unlink()


class Outside(Rules):
    RULE = staticmethod(structure_test.nothing_stands_outside_the_repository)

    def test_names_of_what_is_elsewhere_are_noticed(self):
        for name in ("DESIGN", "CONSOLE", "STYLE"):
            with self.subTest(name=name):
                self.write("net/a.hpp", f"\n// as {name}.md says\n")
                self.assert_broken(self.RULE, "net/a.hpp:2", f"{name}.md")
        self.write("net/a.hpp", "// see .." + "/shared/x\n")
        self.assert_broken(self.RULE, "shared")

    def test_what_only_looks_like_it_is_let_be(self):
        self.write("net/a.hpp", "// a shared design, in REDESIGN.md; ../shared_buffer.hpp\n")
        self.assert_kept(self.RULE)

    def test_a_symbolic_link_may_stay_within(self):
        self.write("a", "")
        (self.root / "b").symlink_to("a")
        self.assert_kept(self.RULE)
        (self.root / "c").symlink_to("../elsewhere")
        self.assert_broken(self.RULE, "c: the symbolic link")


class Documents(Rules):
    def test_a_link_leads_to_a_file_of_the_tree(self):
        rule = structure_test.documents_link_to_files
        self.write("docs/a.md", "[b](b.md) [r](../README.md#part) [w](https://example.org) `[c](c.md)`")
        self.write("docs/b.md", "")
        self.write("README.md", "")
        self.assert_kept(rule)
        self.write("docs/b.md", "[none](none.md)")
        self.assert_broken(rule, "docs/b.md", "nowhere")
        self.write("docs/b.md", "[up](../../tree)")
        self.assert_kept(rule)
        self.write("docs/b.md", "[out](../..)")
        self.assert_broken(rule, "docs/b.md", "climbs out")

    def test_every_document_names_real_verbs(self):
        rule = structure_test.documents_name_real_commands
        self.write("run", "verb_test() { # runs the tests\n}\n")
        self.write("README.md", "`./run test`")
        self.assert_kept(rule)
        for path in ("CONTRIBUTING.md", "bench/README.md", "docs/decisions/1.md"):
            with self.subTest(path=path):
                self.write(path, "`./run fast`")
                self.assert_broken(rule, path, "./run fast")
                (self.root / path).unlink()

    def test_every_verb_says_what_it_does(self):
        self.write("run", "verb_test() {\n}\n")
        self.assert_broken(structure_test.documents_name_real_commands, "verb_test")

    def test_the_code_of_every_document_is_cut_out(self):
        for path in ("CHANGELOG.md", "bench/README.md", "docs/guide/a.md"):
            self.write(path, "\n```cpp\nint main() {}\n```\n")
        self.write("build/x/README.md", "\n```cpp\nint main() {}\n```\n")
        self.assertEqual([(str(document), line) for document, line, _, _ in document_code.blocks(self.root)],
                         [("CHANGELOG.md", 3), ("bench/README.md", 3), ("docs/guide/a.md", 3)])
        self.write("CHANGELOG.md", "```cpp\nint part;\n```\n")
        self.assert_broken(structure_test.cpp_in_documents_can_be_compiled, "CHANGELOG.md:2")


if __name__ == "__main__":
    unittest.main()
