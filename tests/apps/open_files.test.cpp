// SPDX-License-Identifier: BSD-3-Clause
#include "open_files.hpp"
#include "support/catch.hpp"
#include "support/world.hpp"

namespace an = actornet;

namespace {

/// Sinks of which only the handles matter.
struct drawer {
  an::test::world w;

  an::file_sink one_more() {
    auto made = w.net().open_sink({.path = "/nowhere/at/all"});
    REQUIRE(made);
    return *made;
  }
};

} // namespace

TEST_CASE("a sink of which nothing has come is open for nothing, behind the last that asked it") {
  drawer of;
  console::open_files files;
  auto sink = of.one_more();
  files.add("a", sink);
  files.begin_use("a");
  files.begin_use("a");
  CHECK_FALSE(files.end_use("a", sink, false));
  CHECK(files.end_use("a", sink, false));
}

TEST_CASE("a sink that was used once is not open for nothing") {
  drawer of;
  console::open_files files;
  auto sink = of.one_more();
  files.add("a", sink);
  files.begin_use("a");
  files.begin_use("a");
  CHECK_FALSE(files.end_use("a", sink, true));
  CHECK_FALSE(files.end_use("a", sink, false));
}

TEST_CASE("a sink that is being closed, or is not the path's any more, is not closed again") {
  drawer of;
  console::open_files files;
  auto sink = of.one_more();
  files.add("a", sink);
  files.begin_use("a");
  files.begin_to_close("a");
  CHECK_FALSE(files.end_use("a", sink, false));
  files.closed(sink);
  auto next = of.one_more();
  files.add("a", next);
  files.begin_use("a");
  CHECK_FALSE(files.end_use("a", sink, false));
  CHECK(files.end_use("a", next, false));
}

TEST_CASE("a path is kept only by the sink that is open") {
  drawer of;
  console::open_files files;
  auto sink = of.one_more();
  auto other = of.one_more();
  files.add("a", sink);
  files.keep("a", other);
  CHECK_FALSE(files.is_kept("a"));
  files.keep("a", sink);
  CHECK(files.is_kept("a"));
  files.begin_to_close("a");
  files.do_not_keep("a");
  files.keep("a", sink);
  CHECK_FALSE(files.is_kept("a"));
}
