// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/reached_server.hpp"
#include "support/served_client.hpp"

#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;
using namespace std::string_literals;
namespace an = actornet;
using an::text_encoding;
using an::test::pattern;
using an::test::port_80;
using an::test::reached_server;
using an::test::served_client;
using an::testkit::probe;

namespace {

const std::string replaced = "\uFFFD";
const std::string greeting = "h\u00e9llo \u20ac \U0001F600!";

an::listen_options with_encoding(text_encoding encoding) {
  return {.address = port_80, .encoding = encoding};
}

/// All text of the `text_data` events that come first; at least `size` bytes of UTF-8.
std::string expects_text(served_client& story, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    auto event = story.handler.expects<an::text_data>();
    CHECK_FALSE(event.text.empty());
    CHECK(event.peer == story.peer);
    text += event.text;
  }
  return text;
}

void sends_one_by_one(served_client& story, std::string_view bytes) {
  for (const char each : bytes) {
    story.client.sends(std::string(1, each));
    story.w.pass(1s);
  }
}

void check_refused(served_client& story, const an::write_text& what) {
  auto why = story.handler.asks(story.peer, what).failure();
  CHECK(why.code() == "EINVAL");
  CHECK(why.message().find(to_string(what.encoding)) != std::string::npos);
}

} // namespace

TEST_CASE("characters that come byte by byte are told whole") {
  served_client story(with_encoding(text_encoding::utf8));
  sends_one_by_one(story, greeting);
  story.client.finishes();
  for (const auto* each : {"h", "\u00e9", "l", "l", "o", " ", "\u20ac", " ", "\U0001F600", "!"}) {
    auto event = story.handler.expects<an::text_data>();
    CHECK(event.text == each);
    CHECK(event.encoding == text_encoding::utf8);
    CHECK(event.peer == story.peer);
  }
  story.handler.expects<an::end>();
  CHECK(story.handler.expects<an::closed>().bytes_read == greeting.size());
}

TEST_CASE("text is the same however the network cuts it") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    served_client story(with_encoding(text_encoding::utf8), {.network = {.seed = seed}});
    story.client.sends(greeting);
    story.client.sends(greeting);
    CHECK(expects_text(story, 2 * greeting.size()) == greeting + greeting);
  }
}

TEST_CASE("each encoding is told in its own way") {
  struct example {
    text_encoding encoding;
    std::string text;
  };
  for (const auto& each : std::vector<example>{{text_encoding::utf16le, "\ua9c3"},
                                               {text_encoding::latin1, "\u00c3\u00a9"},
                                               {text_encoding::ascii, "C)"},
                                               {text_encoding::hex, "c3a9"},
                                               {text_encoding::base64, "w6k="},
                                               {text_encoding::base64url, "w6k"}}) {
    CAPTURE(to_string(each.encoding));
    served_client story(with_encoding(each.encoding));
    story.client.sends("\xc3\xa9");
    story.client.finishes();
    CHECK(expects_text(story, each.text.size()) == each.text);
    story.handler.expects<an::end>();
  }
}

TEST_CASE("a client has an encoding from the start, too") {
  reached_server story;
  auto peer = story.connects({.address = an::test::port_90, .encoding = text_encoding::hex});
  auto server = story.accepted_one();
  story.handler.expects<an::connected>();
  server.sends("\xff");
  CHECK(story.handler.expects<an::text_data>().text == "ff");
}

TEST_CASE("an encoding may be set while connecting") {
  reached_server story;
  auto peer = story.connects();
  story.handler.asks(peer, an::set_encoding{text_encoding::hex}).done();
  auto server = story.accepted_one();
  story.handler.expects<an::connected>();
  server.sends("\xff");
  CHECK(story.handler.expects<an::text_data>().text == "ff");
}

TEST_CASE("what came of a character is told before the end") {
  served_client story(with_encoding(text_encoding::utf8));
  story.client.sends("ok\xe2\x82");
  story.w.pass(1s);
  CHECK(expects_text(story, 2) == "ok");
  CHECK(story.handler.has_no_event());
  story.client.finishes();
  CHECK(story.handler.expects<an::text_data>().text == replaced);
  story.handler.expects<an::end>();
  CHECK(story.handler.expects<an::closed>().bytes_read == 4);
}

TEST_CASE("what came of a character is not told when the peer resets") {
  served_client story(with_encoding(text_encoding::utf8));
  story.client.sends("\xe2\x82");
  story.w.pass(1s);
  story.client.resets();
  story.handler.expects<an::failed>();
  CHECK(story.handler.expects<an::closed>().bytes_read == 2);
}

TEST_CASE("an encoding may be set, changed and taken away in the middle") {
  served_client story;
  story.client.sends("\xc3");
  CHECK(story.handler.expects_bytes(1) == "\xc3");
  story.handler.asks(story.peer, an::set_encoding{text_encoding::utf8}).done();
  story.client.sends("z\xc3");
  CHECK(expects_text(story, 1) == "z");
  story.handler.asks(story.peer, an::set_encoding{text_encoding::latin1}).done();
  auto cut_off = story.handler.expects<an::text_data>();
  CHECK(cut_off.text == replaced);
  CHECK(cut_off.encoding == text_encoding::utf8);
  story.client.sends("\xa9");
  CHECK(expects_text(story, 2) == "\u00a9");
  story.handler.asks(story.peer, an::set_encoding{}).done();
  story.client.sends("\xff");
  CHECK(story.handler.expects_bytes(1) == "\xff");
}

TEST_CASE("bytes that waited for resume are told in the encoding that there is then") {
  for (bool by_pause : {false, true}) {
    CAPTURE(by_pause);
    served_client story(with_encoding(text_encoding::utf8));
    story.client.sends("a\xc3");
    CHECK(expects_text(story, 1) == "a");
    if (by_pause)
      story.handler.sends(story.peer, an::pause{});
    else
      story.handler.sends(story.peer, an::set_handler{});
    story.handler.asks(story.peer, an::set_encoding{text_encoding::hex}).done();
    story.handler.asks(story.peer, an::set_encoding{}).done();
    story.client.sends("\xff");
    story.w.pass(1s);
    CHECK(story.handler.has_no_event());
    if (by_pause) {
      story.handler.sends(story.peer, an::resume{});
    } else {
      story.handler.sends(story.peer, an::set_handler{story.handler.actor()});
      story.handler.expects<an::connected>();
    }
    CHECK(story.handler.expects<an::text_data>().text == replaced);
    CHECK(story.handler.expects_bytes(1) == "\xff");
  }
}

TEST_CASE("a character may begin with one handler and end with the next") {
  served_client story(with_encoding(text_encoding::utf8));
  story.client.sends("\xc3");
  story.w.pass(1s);
  probe next(story.w);
  story.handler.sends(story.peer, an::set_handler{next.actor()});
  story.client.sends("\xa9");
  next.expects<an::connected>();
  CHECK(next.expects<an::text_data>().text == "\u00e9");
}

TEST_CASE("a handler that sets the encoding when it is told connected gets text only") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    std::string got;
    bool got_bytes = false;
    served_client story(
        {.address = port_80}, {.network = {.seed = seed}},
        [&](caf::event_based_actor* self, const an::connection& peer) -> caf::behavior {
          return {
              [=](const an::connected&) { self->send(peer, an::set_encoding{text_encoding::hex}); },
              [&](const an::data&) { got_bytes = true; },
              [&](const an::text_data& event) { got += event.text; }};
        });
    story.client.sends("abc");
    story.w.pass(10s);
    CHECK_FALSE(got_bytes);
    CHECK(got == "616263");
  }
}

TEST_CASE("text that nobody has handled holds the peer back, as bytes do") {
  served_client story(
      {.address = port_80, .encoding = text_encoding::latin1, .receive_window_bytes = 100'000});
  const auto sent = std::string(1'000'000, 'x');
  story.client.sends(sent);
  story.client.finishes();
  story.w.pass(10s); // events wait in the handler's mailbox
  auto full = story.info();
  CHECK(full.window_held >= full.window_max);
  CHECK(full.bytes_read < 300'000);
  CHECK(story.client.unsent_bytes() > 0);
  CHECK(expects_text(story, sent.size()) == sent);
  story.handler.expects<an::end>();
  CHECK(story.info().window_held == 0);
}

TEST_CASE("text counts in the window until its event is gone, not until its text is") {
  served_client story(with_encoding(text_encoding::utf8));
  story.client.sends("text");
  auto event = story.handler.expects<an::text_data>();
  event.text.clear();
  CHECK(story.info().window_held > 0);
  CHECK(event.received == an::text("text"));
  event = {};
  CHECK(story.info().window_held == 0);
}

TEST_CASE("bytes that only begin a character do not count in the window") {
  served_client story(with_encoding(text_encoding::utf8));
  story.client.sends("\xe2");
  story.w.pass(1s);
  CHECK(story.info().bytes_read == 1);
  CHECK(story.info().window_held == 0);
}

TEST_CASE("text is written in each encoding, and its bytes are counted") {
  struct example {
    text_encoding encoding;
    std::string text;
    std::string bytes;
  };
  for (const auto& each :
       std::vector<example>{{text_encoding::utf8, "h\u00e9", "h\xc3\xa9"},
                            {text_encoding::utf16le, "h\U0001F600", "h\0\x3d\xd8\x00\xde"s},
                            {text_encoding::latin1, "h\u00e9", "h\xe9"},
                            {text_encoding::ascii, "h~", "h~"},
                            {text_encoding::hex, "00fF", "\x00\xff"s},
                            {text_encoding::base64, "aMOp", "h\xc3\xa9"},
                            {text_encoding::base64url, "-_8", "\xfb\xff"}}) {
    CAPTURE(to_string(each.encoding));
    served_client story;
    auto answer = story.handler.asks(story.peer, an::write_text{each.text, each.encoding});
    auto written = answer.value<an::written>();
    CHECK(written.bytes == each.bytes.size());
    CHECK(written.keep_going);
    story.w.pass(1s);
    CHECK(story.client.received() == each.bytes);
  }
}

TEST_CASE("text is written before the handshake, too, and none at all is written at once") {
  reached_server story;
  auto peer = story.connects();
  auto early = story.handler.asks(peer, an::write_text{"early"});
  auto server = story.accepted_one();
  CHECK(early.value<an::written>().bytes == 5);
  CHECK(story.handler.asks(peer, an::write_text{""}).value<an::written>().bytes == 0);
  story.w.pass(1s);
  CHECK(server.received() == "early");
}

TEST_CASE("text that has no bytes is refused, and nothing of it is sent") {
  served_client story;
  check_refused(story, {"abc\u20ac", text_encoding::latin1});
  check_refused(story, {"abc\u00e9", text_encoding::ascii});
  check_refused(story, {"abc", text_encoding::hex});
  check_refused(story, {"abcde", text_encoding::base64});
  check_refused(story, {"abc\xff", text_encoding::utf8});
  story.w.pass(1s);
  CHECK(story.client.received().empty());
  CHECK(story.handler.has_no_event());
}

TEST_CASE("a plain write of text that has no bytes is told by an event") {
  served_client story;
  story.handler.sends(story.peer, an::write_text{"abc\u20ac", text_encoding::latin1});
  auto lost = story.handler.expects<an::write_failed>();
  CHECK(lost.bytes == 6);
  CHECK(lost.why.code() == "EINVAL");
  CHECK(story.info().state == an::connection_state::open);
}

TEST_CASE("text is refused where bytes are") {
  served_client story({.address = port_80, .write_queue_bytes_max = 3});
  CHECK(story.handler.asks(story.peer, an::write_text{"four"}).failure().code() == "ENOBUFS");
  story.handler.asks(story.peer, an::finish{}).done();
  CHECK(story.handler.asks(story.peer, an::write_text{"late"}).failure().code() == "EPIPE");
  story.handler.asks(story.peer, an::destroy{}).done();
  CHECK(story.handler.asks(story.peer, an::write_text{"late"}).failure().code() == "ENOTCONN");
  auto too_late = story.handler.asks(story.peer, an::set_encoding{text_encoding::utf8});
  CHECK(too_late.failure().code() == "ENOTCONN");
}
