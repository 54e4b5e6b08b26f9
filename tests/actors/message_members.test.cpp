// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include <actornet/message_inspection.hpp>

#include <caf/meta/annotation.hpp>

#include <cstddef>
#include <cstdlib>
#include <utility>

namespace an = actornet;

namespace {

/// Would initialise a member of any type: only asked whether it could.
struct anything {
  template <class Member> operator Member() const { std::abort(); }
};

template <class Message, std::size_t... Is> constexpr bool has_members(std::index_sequence<Is...>) {
  return requires { Message{(static_cast<void>(Is), anything{})...}; };
}

/// Of an aggregate, those of nested ones not counted.
template <class Message, std::size_t Count = 20> constexpr std::size_t member_count() {
  if constexpr (Count == 0 || has_members<Message>(std::make_index_sequence<Count>()))
    return Count;
  else
    return member_count<Message, Count - 1>();
}

/// Counts what an `inspect` hands on.
struct counting {
  using result_type = std::size_t;

  template <class... Parts> std::size_t operator()(const Parts&...) const {
    return (0 + ... + (caf::meta::is_annotation<Parts>::value ? 0 : 1));
  }
};

/// Members that their message says do not travel: they count against a window, or tell when the
/// last copy is gone.
template <class Message> constexpr std::size_t stay_here = 0;
template <> constexpr std::size_t stay_here<an::text_data> = 1;
template <> constexpr std::size_t stay_here<an::end> = 1;
template <> constexpr std::size_t stay_here<an::draining> = 1;
template <> constexpr std::size_t stay_here<an::datagram> = 1;

struct nothing_is_forgotten {
  int& count;

  template <class Message> void operator()(const char* name) const {
    ++count;
    Message message;
    counting inspector;
    CAPTURE(name);
    CHECK(inspect(inspector, message) == member_count<Message>() - stay_here<Message>);
  }
};

} // namespace

TEST_CASE("every member of a message travels") {
  int count = 0;
  an::for_each_message(nothing_is_forgotten{count});
  CHECK(count == 115);
}
