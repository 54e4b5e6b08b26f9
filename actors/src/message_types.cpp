// SPDX-License-Identifier: BSD-3-Clause
#include "message_types.hpp"

#include <actornet/messages.hpp>

#include <caf/actor_system_config.hpp>
#include <caf/type_erased_value.hpp>

#include <typeindex>

namespace actornet {

namespace {

// What CAF does for a block of types. Its `add_message_type` would do the same for a vector and a
// stream of each, which nobody sends and which take three times as long to compile.
struct type_registrar {
  caf::actor_system_config& cfg;

  template <class Message> void operator()(const char* name) const {
    const std::type_index type(typeid(Message));
    cfg.type_names_by_rtti.emplace(type, name);
    cfg.value_factories_by_name.emplace(name, &caf::make_type_erased_value<Message>);
    cfg.value_factories_by_rtti.emplace(type, &caf::make_type_erased_value<Message>);
  }
};

} // namespace

void make_messages_known(caf::actor_system_config& cfg) {
  const type_registrar make_known{cfg};
  for_each_message(make_known);
  make_known.operator()<error>("actornet1.error"); // within caf::error: see `to_caf`
}

} // namespace actornet
