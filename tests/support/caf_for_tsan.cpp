// SPDX-License-Identifier: BSD-3-Clause

// ThreadSanitizer sees the atomics of what it compiled itself. CAF's mailboxes and reference counts
// are in a library that it did not compile, so that to it a message is never handed over: every
// look at one would be a race.
//
// These definitions stand before the library's own. They call the original, and tell
// ThreadSanitizer what CAF promises: who sends to an actor comes before the actor's look at the
// message, and one turn of an actor before the next.

#if defined(__SANITIZE_THREAD__)

#include <caf/actor_control_block.hpp>
#include <caf/blocking_actor.hpp>
#include <caf/scheduled_actor.hpp>

#include <dlfcn.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/tsan_interface.h>

#include <array>

namespace {

template <class F> F original(const char* name) {
  return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

void comes_before_readers(const caf::abstract_actor* whose) { ::__tsan_release(whose->ctrl()); }
void comes_after_writers(const caf::abstract_actor* whose) { ::__tsan_acquire(whose->ctrl()); }

} // namespace

// Races of which both sides are wholly inside of CAF: the helper that stops its scheduler, the run
// queues of its workers, whose nodes are handed over under a spinlock, the last reference to an
// actor that is registered by name, and the groups of an actor, which it leaves before that. And
// the closing of a mailbox, CAF's and ours that does the same: what others put into it until then
// is handed over by atomics, of which one side is in the library.
extern "C" const char* __tsan_default_suppressions() {
  return "race:caf::scheduler::coordinator*::enqueue\n"
         "race:caf::scheduler::coordinator*::stop\n"
         "race:caf::detail::double_ended_queue\n"
         "race:caf::actor_registry::erase\n"
         "race:_Hashtable<caf::group\n"
         "race:caf::blocking_actor::cleanup\n"
         "race:caf::scheduled_actor::cleanup\n"
         "race:actornet::hosted_actor::close_mailbox\n";
}

namespace {

// Those names are looked up in files, which are opened the first time that one is asked for. A test
// that leaves no descriptors would be too late.
[[maybe_unused]] const bool names_are_known = [] {
  std::array<char, 64> name{};
  auto* function = original<void*>("_ZN3caf15scheduled_actor6launchEPNS_14execution_unitEbb");
  ::__sanitizer_symbolize_pc(function, "%f", name.data(), name.size());
  return true;
}();

} // namespace

namespace caf {

void scheduled_actor::launch(execution_unit* unit, bool lazy, bool hidden) {
  static auto next = original<void (*)(scheduled_actor*, execution_unit*, bool, bool)>(
      "_ZN3caf15scheduled_actor6launchEPNS_14execution_unitEbb");
  comes_before_readers(this);
  next(this, unit, lazy, hidden);
}

void scheduled_actor::enqueue(mailbox_element_ptr what, execution_unit* unit) {
  static auto next = original<void (*)(scheduled_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf15scheduled_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_"
      "6detail8disposerEEPNS_14execution_unitE");
  comes_before_readers(this);
  next(this, std::move(what), unit);
}

resumable::resume_result scheduled_actor::resume(execution_unit* unit, size_t messages_max) {
  static auto next = original<resume_result (*)(scheduled_actor*, execution_unit*, size_t)>(
      "_ZN3caf15scheduled_actor6resumeEPNS_14execution_unitEm");
  comes_after_writers(this);
  return next(this, unit, messages_max);
}

invoke_message_result scheduled_actor::consume(mailbox_element& what) {
  static auto next = original<invoke_message_result (*)(scheduled_actor*, mailbox_element&)>(
      "_ZN3caf15scheduled_actor7consumeERNS_15mailbox_elementE");
  comes_after_writers(this);
  auto result = next(this, what);
  comes_before_readers(this);
  return result;
}

void blocking_actor::enqueue(mailbox_element_ptr what, execution_unit* unit) {
  static auto next = original<void (*)(blocking_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf14blocking_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_"
      "6detail8disposerEEPNS_14execution_unitE");
  comes_before_readers(this);
  next(this, std::move(what), unit);
}

void blocking_actor::await_data() {
  static auto next = original<void (*)(blocking_actor*)>("_ZN3caf14blocking_actor10await_dataEv");
  next(this);
  comes_after_writers(this);
}

bool blocking_actor::await_data(timeout_type until) {
  static auto next = original<bool (*)(blocking_actor*, timeout_type)>(
      "_ZN3caf14blocking_actor10await_dataENSt6chrono10time_pointINS1_3_V212system_clockENS1_"
      "8durationIlSt5ratioILl1ELl1000000000EEEEEE");
  bool result = next(this, until);
  comes_after_writers(this);
  return result;
}

// What the originals do, with atomics that ThreadSanitizer sees. To tell it of them before the
// original is called would be too early: another may drop its reference in between.
void intrusive_ptr_release(actor_control_block* whose) {
  if (whose->strong_refs.fetch_sub(1) > 1)
    return;
  whose->data_dtor(whose->get());
  intrusive_ptr_release_weak(whose);
}

void intrusive_ptr_release_weak(actor_control_block* whose) {
  if (whose->weak_refs.fetch_sub(1) == 1)
    whose->block_dtor(whose);
}

} // namespace caf

#endif
