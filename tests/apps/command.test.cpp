// SPDX-License-Identifier: BSD-3-Clause
#include "command.hpp"
#include "limits.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <string>

namespace an = actornet;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr bool listening = true;

/// What a line is for a connection; fails the test when it is anything else.
console::to_connection for_connection(std::string_view line) {
  auto made = console::parse_command(line, !listening);
  INFO(line << ": " << made.complaint);
  REQUIRE(made.what);
  REQUIRE(std::holds_alternative<console::to_connection>(*made.what));
  return std::get<console::to_connection>(*made.what);
}

template <class Message> Message message_to_connection(std::string_view line) {
  auto found = for_connection(line);
  INFO(line);
  REQUIRE(std::holds_alternative<Message>(found.message));
  return std::get<Message>(found.message);
}

template <class Message> Message message_to_listener(std::string_view line) {
  auto made = console::parse_command(line, listening);
  INFO(line << ": " << made.complaint);
  REQUIRE(made.what);
  REQUIRE(std::holds_alternative<console::to_listener>(*made.what));
  auto message = std::get<console::to_listener>(*made.what).message;
  REQUIRE(std::holds_alternative<Message>(message));
  return std::get<Message>(message);
}

console::change_list list_of(std::string_view line) {
  auto made = console::parse_command(line, listening);
  INFO(line << ": " << made.complaint);
  REQUIRE(made.what);
  REQUIRE(std::holds_alternative<console::change_list>(*made.what));
  return std::get<console::change_list>(*made.what);
}

std::string complaint_about(std::string_view line, bool with_listener = listening) {
  auto made = console::parse_command(line, with_listener);
  CHECK_FALSE(made.what);
  return made.complaint;
}

} // namespace

TEST_CASE("a number names one connection, a star all of them") {
  CHECK(for_connection("pause 1").number == 1);
  CHECK(for_connection("pause 18446744073709551615").number == 18446744073709551615u);
  CHECK(for_connection("pause *").number == std::nullopt);
  for (const char* wrong : {"pause", "pause one", "pause -1", "pause +1", "pause 1x", "pause **",
                            "pause 18446744073709551616", "pause 1 2"})
    CHECK_THAT(complaint_about(wrong), ContainsSubstring("pause N"));
}

TEST_CASE("exactly one blank stands between the number and a text") {
  CHECK(message_to_connection<an::write>("write 1 hello").bytes.view() == "hello");
  CHECK(message_to_connection<an::write>("write  1   two blanks ").bytes.view() == "  two blanks ");
  CHECK(message_to_connection<an::write>("write 1 ").bytes.view().empty());
  CHECK(message_to_connection<an::write>("write 1 hex:4142").bytes.view() == "AB");
  complaint_about("write 1");
  complaint_about("write 1 hex:4");
}

TEST_CASE("finish may have a last text") {
  CHECK(message_to_connection<an::finish>("finish 1").last.empty());
  CHECK(message_to_connection<an::finish>("finish 1 good bye").last.view() == "good bye");
  complaint_about("finish 1 \"open");
}

TEST_CASE("numbers and switches of commands arrive in their messages") {
  CHECK(message_to_connection<an::write>("write-bytes 1 600").bytes.size() == 600);
  CHECK(message_to_connection<an::set_timeout>("timeout 1 250").idle_ms == 250);
  CHECK(message_to_connection<an::set_no_delay>("no-delay 1 on").enabled);
  CHECK_FALSE(message_to_connection<an::set_no_delay>("no-delay 1 off").enabled);
  auto plain = message_to_connection<an::set_keep_alive>("keep-alive 1 on");
  CHECK((plain.enabled && plain.delay_ms == 0));
  CHECK(message_to_connection<an::set_keep_alive>("keep-alive 1 on 5000").delay_ms == 5000);
  CHECK_FALSE(message_to_connection<an::set_keep_alive>("keep-alive * off").enabled);
  CHECK(message_to_listener<an::stop>("stop 300").deadline_ms == 300);
  CHECK(message_to_listener<an::set_max_connections>("max-connections 7").count == 7);
  CHECK(message_to_listener<an::set_max_connections>("max-connections none").count == -1);
}

TEST_CASE("an encoding has one of the names that Node knows, or is none") {
  CHECK(message_to_connection<an::set_encoding>("encoding 1 utf8").encoding ==
        an::text_encoding::utf8);
  CHECK(message_to_connection<an::set_encoding>("encoding * BINARY").encoding ==
        an::text_encoding::latin1);
  CHECK(message_to_connection<an::set_encoding>("encoding 1 none").encoding == std::nullopt);
  for (const auto* wrong :
       {"encoding 1", "encoding 1 utf-32", "encoding 1 utf8 hex", "encoding utf8"})
    CHECK_THAT(complaint_about(wrong), ContainsSubstring("encoding N NAME|none"));
}

TEST_CASE("a list of clients takes addresses and subnets, or the word for an empty one") {
  using list = console::change_list::list;
  auto denied = list_of("deny 10.0.0.0/8 ::1");
  CHECK(denied.which == list::deny);
  CHECK(to_string(denied.rules) == "10.0.0.0/8, ::1");
  CHECK(list_of("deny none").rules.empty());
  auto allowed = list_of("allow 127.0.0.1");
  CHECK(allowed.which == list::allow);
  CHECK(to_string(allowed.rules) == "127.0.0.1");
  CHECK(list_of("allow all").rules.empty());
  for (const char* wrong : {"deny", "deny localhost", "deny 10.0.0.0/33", "deny all", "allow none",
                            "allow 127.0.0.1 all", "allow"})
    CHECK_THAT(complaint_about(wrong), ContainsSubstring("CIDR..."));
}

TEST_CASE("numbers beyond their limits are refused") {
  auto one_more = [](std::int64_t most) { return std::to_string(most + 1); };
  complaint_about("timeout 1 " + one_more(console::duration_ms_max));
  complaint_about("write-bytes 1 " + one_more(console::bytes_max));
  complaint_about("max-connections " + one_more(console::connections_max));
  complaint_about("sleep " + one_more(console::duration_ms_max));
  CHECK(message_to_connection<an::set_timeout>("timeout 1 " +
                                               std::to_string(console::duration_ms_max))
            .idle_ms == console::duration_ms_max);
}

TEST_CASE("a command with a number is for a connection, without one for the listener") {
  message_to_connection<an::get_address>("address 1");
  message_to_listener<an::get_address>("address");
  message_to_connection<an::get_info>("info 1");
  message_to_listener<an::get_info>("info");
  message_to_connection<an::unref>("unref 1");
  message_to_listener<an::unref>("unref");
  CHECK_THAT(complaint_about("info x"), ContainsSubstring("info N or info"));
}

TEST_CASE("without a listener there is nobody for its commands") {
  CHECK_THAT(complaint_about("stop 5", !listening), ContainsSubstring("expected one of"));
  CHECK_THAT(complaint_about("info", !listening), !ContainsSubstring("or info"));
}

TEST_CASE("a tag is what follows the # that a line begins with") {
  auto made = console::parse_command("#a:1 help", listening);
  CHECK(made.tag == "a:1");
  CHECK(made.name == "help");
  REQUIRE(made.what);
  CHECK(std::holds_alternative<console::show_help>(*made.what));
  CHECK(console::parse_command("help", listening).tag == std::nullopt);
  CHECK(console::parse_command("#a foo", listening).tag == "a");
  CHECK_THAT(complaint_about("# help"), ContainsSubstring("#TAG"));
  complaint_about("#a");
}

TEST_CASE("commands to the program itself take no more than they need") {
  auto slept = console::parse_command("sleep 20", !listening);
  REQUIRE(slept.what);
  CHECK(std::get<console::hold_lines>(*slept.what).duration_ms == 20);
  auto quit = console::parse_command(" quit ", !listening);
  REQUIRE(quit.what);
  CHECK(std::holds_alternative<console::end_program>(*quit.what));
  complaint_about("quit now");
  complaint_about("help me");
  complaint_about("sleep");
}

TEST_CASE("what is no command is answered with those that there are") {
  for (const char* wrong : {"foo", "WRITE 1 a", "\t", "write\t1\ta"})
    for (auto usage : {"write N TEXT", "stop MS", "quit"})
      CHECK_THAT(complaint_about(wrong), ContainsSubstring(usage));
}

TEST_CASE("every usage names a command that is understood or complains with that usage") {
  for (auto usage : console::command_usages(listening)) {
    auto name = std::string(usage.substr(0, usage.find(' ')));
    auto made = console::parse_command(name, listening);
    CHECK(made.name == name);
    CHECK((made.what || made.complaint.find(usage) != std::string::npos));
  }
  auto all = console::command_usages(listening).size();
  CHECK(console::command_usages(!listening).size() < all);
}

TEST_CASE("a line of blanks is blank") {
  CHECK(console::is_blank(""));
  CHECK(console::is_blank("   "));
  CHECK_FALSE(console::is_blank(" x "));
  CHECK_FALSE(console::is_blank("\t"));
}
