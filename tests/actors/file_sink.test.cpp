// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/world.hpp"

#include <cerrno>
#include <string>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::world;
using an::testkit::probe;

namespace {

const std::string path = "/files/out";

struct disk {
  an::file_sink opens(an::sink_options chosen = {.path = path}) {
    return *w.net().open_sink(std::move(chosen), owner.actor());
  }
  std::string in_file() { return w.network().file_bytes(path).value_or("(no file)"); }

  world w;
  probe owner{w};
};

} // namespace

TEST_CASE("a file sink writes in order, answers when it is written, and closes") {
  disk d;
  auto sink = d.opens();
  auto first = d.owner.asks(sink, an::write{an::text("one;")});
  auto second = d.owner.asks(sink, an::write_text{"two;", an::text_encoding::utf8});
  CHECK(first.value<an::written>().bytes == 4);
  CHECK(second.value<an::written>().bytes == 4);
  d.owner.expects<an::sink_opened>();
  auto info = d.owner.asks(sink, an::get_info{}).value<an::sink_info>();
  CHECK(info.bytes_written == 8);
  CHECK(info.buffered == 0);
  CHECK(info.state == an::file_state::open);
  d.owner.asks(sink, an::finish{an::text("last")}).done();
  CHECK(d.in_file() == "one;two;last");
  auto closed = d.owner.expects<an::sink_closed>();
  CHECK(closed.bytes == 12);
  CHECK_FALSE(closed.had_error);
  CHECK(d.owner.asks(sink, an::write{an::text("x")}).failure().code() == "EPIPE");
  d.owner.asks(sink, an::finish{}).done();
}

TEST_CASE("a file is truncated, appended to, made only if it is new, or must be there") {
  disk d;
  d.w.network().put_file(path, "old;");
  auto writes = [&](an::file_mode mode, std::uint64_t offset = 0) {
    auto sink = d.opens({.path = path, .mode = mode, .offset = offset});
    d.owner.asks(sink, an::finish{an::text("new;")}).done();
    d.owner.expects<an::sink_opened>();
    d.owner.expects<an::sink_closed>();
    return d.in_file();
  };
  CHECK(writes(an::file_mode::append) == "old;new;");
  CHECK(writes(an::file_mode::overwrite, 2) == "olnew;w;");
  CHECK(writes(an::file_mode::truncate) == "new;");
  CHECK(writes(an::file_mode::existing) == "new;");
  auto refused = d.opens({.path = path, .mode = an::file_mode::exclusive});
  CHECK(d.owner.expects<an::sink_failed>().why.code() == "EEXIST");
  d.owner.expects<an::sink_closed>();
  d.w.network().remove_file(path);
  CHECK(writes(an::file_mode::exclusive) == "new;");
  d.w.network().remove_file(path);
  auto missing = d.opens({.path = path, .mode = an::file_mode::existing});
  CHECK(d.owner.expects<an::sink_failed>().why.code() == "ENOENT");
}

TEST_CASE("a path that makes no sense is refused at once") {
  disk d;
  CHECK(d.w.net().open_sink({.path = ""}).error().code() == "EINVAL");
  CHECK(d.w.net().open_source({.path = std::string("a\0b", 3)}).error().code() == "EINVAL");
}

TEST_CASE("who asks for it hears when the bytes are on the disk") {
  disk d;
  auto sink = d.opens();
  d.owner.sends(sink, an::write{an::text("abc")});
  d.owner.asks(sink, an::make_durable{}).done();
  CHECK(d.w.network().synced_bytes(path) == 3);
  d.owner.asks(sink, an::finish{an::text("def")}).done();
  CHECK(d.w.network().synced_bytes(path) == 3);
  auto durable = d.opens({.path = path, .mode = an::file_mode::append, .durable = true});
  d.owner.asks(durable, an::finish{an::text("ghi")}).done();
  CHECK(d.w.network().synced_bytes(path) == 9);
}

TEST_CASE("a sink that cannot be opened fails all that was asked of it") {
  disk d;
  d.w.network().fail_opens(path, EROFS);
  auto sink = d.opens();
  auto write = d.owner.asks(sink, an::write{an::text("abc")});
  d.owner.sends(sink, an::write{an::text("defg")});
  auto sync = d.owner.asks(sink, an::make_durable{});
  auto finish = d.owner.asks(sink, an::finish{});
  CHECK(write.failure().code() == "EROFS");
  CHECK(sync.failure().code() == "EROFS");
  CHECK(finish.failure().code() == "EROFS");
  CHECK(d.owner.expects<an::sink_write_failed>().bytes == 4);
  auto why = d.owner.expects<an::sink_failed>().why;
  CHECK(why.code() == "EROFS");
  CHECK(why.address == path);
  CHECK(d.owner.expects<an::sink_closed>().had_error);
}

TEST_CASE("an error in the middle fails what is behind it, and what is in the file is counted") {
  disk d;
  d.w.network().fail_file(path, EIO, 1);
  auto sink = d.opens();
  CHECK(d.owner.asks(sink, an::write{an::text("abc")}).value<an::written>().bytes == 3);
  CHECK(d.owner.asks(sink, an::write{an::text("def")}).failure().code() == "EIO");
  d.owner.expects<an::sink_opened>();
  CHECK(d.owner.expects<an::sink_failed>().why.code() == "EIO");
  CHECK(d.owner.expects<an::sink_closed>().bytes == 3);
  CHECK(d.in_file() == "abc");
}

TEST_CASE("a writer is told when to wait, and when to go on, and is capped if it does not") {
  disk d;
  d.w.network().hang_file(path);
  auto sink = d.opens({.path = path, .high_water_mark_bytes = 10, .write_queue_bytes_max = 30});
  auto small = d.owner.asks(sink, an::write{an::text("small")});
  auto large = d.owner.asks(sink, an::write{an::text("a large one")});
  CHECK(d.owner.asks(sink, an::write{an::text("much more than fits")}).failure().code() ==
        "ENOBUFS");
  d.w.network().continue_file(path);
  CHECK(small.value<an::written>().keep_going);
  CHECK_FALSE(large.value<an::written>().keep_going);
  d.owner.expects<an::sink_opened>();
  d.owner.expects<an::sink_drained>();
  CHECK(d.owner.has_no_event());
  CHECK(d.owner.asks(sink, an::write{an::text("more")}).value<an::written>().keep_going);
}

TEST_CASE("a writer that is answered behind the drain of a low-water mark need not wait") {
  disk d;
  d.w.network().hang_file(path);
  auto sink = d.opens({.path = path, .high_water_mark_bytes = 100, .low_water_mark_bytes = 30});
  auto first = d.owner.asks(sink, an::write{an::text(std::string(100, 'a'))});
  auto second = d.owner.asks(sink, an::write{an::text(std::string(20, 'b'))});
  d.w.network().continue_file(path);
  CHECK_FALSE(first.value<an::written>().keep_going);
  d.owner.expects<an::sink_opened>();
  d.owner.expects<an::sink_drained>();
  CHECK(second.value<an::written>().keep_going);
  d.w.pass(1s);
  CHECK(d.owner.has_no_event());
}

TEST_CASE("destroy gives the file up at once, and what was cut off fails") {
  disk d;
  d.w.network().hang_file(path);
  auto sink = d.opens();
  auto write = d.owner.asks(sink, an::write{an::text("abc")});
  d.w.pass(1s);
  d.owner.asks(sink, an::destroy{}).done();
  CHECK(write.failure().code() == "ECANCELED");
  d.w.network().continue_file(path);
}

TEST_CASE("nobody need own a sink") {
  disk d;
  auto sink = *d.w.net().open_sink({.path = path});
  d.owner.asks(sink, an::finish{an::text("abc")}).done();
  CHECK(d.in_file() == "abc");
}
