// SPDX-License-Identifier: BSD-3-Clause
#include "console.hpp"

#include <utility>

// Pipes, and the files that they end in.
namespace console {

namespace an = actornet;

namespace {

/// What answers are given by a sink that somebody else has ended meanwhile.
bool is_closed(const outcome& got) { return got.error && got.error->code() == "EPIPE"; }

} // namespace

// -- files ----------------------------------------------------------------------------------------

std::optional<an::file_sink> console::file_at(const std::string& path, const an::connection& near,
                                              outcome& refused) {
  if (const auto* open = files_.find(path))
    return *open;
  an::sink_options chosen{.path = path, .near = near, .unreferenced = true};
  if (files_.is_kept(path))
    chosen.mode = an::file_mode::append;
  auto made = an::runtime::from(system()).open_sink(std::move(chosen), caf::actor(this));
  if (!made) {
    refused = refusal(made.error());
    return std::nullopt;
  }
  files_.add(path, *made);
  return *made;
}

void console::with_file(const std::string& path, const an::connection& near,
                        const answers::receiver& done, file_use use, bool may_try_again) {
  const auto again = [=, this](bool last) {
    return [=, this] { with_file(path, near, done, use, may_try_again && !last); };
  };
  if (files_.is_closing(path))
    return files_.when_closed(path, again(false));
  // Nothing is to become of a file for whose bytes it is too late.
  if (near && !connections_.is_alive(near))
    return done(refusal(answers::nobody<an::connection>()));
  outcome refused;
  const auto sink = file_at(path, near, refused);
  if (!sink)
    return done(refused);
  files_.begin_use(path);
  use(*sink, [=, this](const outcome& got) {
    const bool is_for_nothing = files_.end_use(path, *sink, !got.error);
    if (!is_closed(got) || !may_try_again) {
      if (is_for_nothing)
        close_unused(path, *sink);
      return done(got);
    }
    // Its last source ended it while this was on its way.
    const auto* open = files_.find(path);
    if (!open || *open != *sink)
      return with_file(path, near, done, use, false);
    files_.begin_to_close(path);
    files_.when_closed(path, again(true));
  });
}

// Else the next one, which is the first of its path, would find it open and not empty the file.
void console::close_unused(const std::string& path, const an::file_sink& sink) {
  files_.begin_to_close(path);
  send(sink, an::finish{});
}

void console::run(const command& given, const write_file& what) {
  const json head = answer_head(given);
  with_file(
      what.path, {}, [this, head](const outcome& got) { print_answer(head, got); },
      [this, bytes = what.bytes](const an::file_sink& sink, const answers::receiver& done) {
        answers_.ask(sink, an::write{bytes}, done);
      });
}

void console::run(const command& given, const end_file& what) {
  const json head = answer_head(given);
  const auto* sink = files_.find(what.path);
  if (!sink)
    return print_answer(head, refusal(answers::nobody<an::file_sink>()));
  files_.begin_to_close(what.path);
  files_.do_not_keep(what.path);
  answers_.ask(*sink, an::finish{what.last},
               [this, head](const outcome& got) { print_answer(head, got); });
}

void console::run(const command& given, const pipe_to_file& what) {
  json head = answer_head(given);
  if (!what.number)
    return pipe_all(head, what);
  head["id"] = *what.number;
  const auto* peer = connections_.find(*what.number);
  if (!peer)
    return print_answer(head, refusal(answers::nobody<an::connection>()));
  pipe_one(*peer, what, [this, head](const outcome& got) { print_answer(head, got); });
}

void console::pipe_all(json head, const pipe_to_file& what) {
  head["id"] = "*";
  head["count"] = connections_.all().size();
  gather(head, connections_.all().size(), [&](const answers::receiver& each_done) {
    for (const auto& [number, peer] : connections_.all())
      pipe_one(peer, what, each_done);
  });
}

void console::pipe_one(const an::connection& peer, const pipe_to_file& what,
                       const answers::receiver& done) {
  const auto use = [=, this](const an::file_sink& sink, const answers::receiver& answered) {
    answers_.ask(peer,
                 an::pipe{.to = sink, .end_sink = !what.keep_open, .also_data = what.and_data},
                 [=, this](const outcome& got) {
                   if (what.keep_open && !got.error)
                     files_.keep(what.path, sink);
                   answered(got);
                 });
  };
  with_file(what.path, peer, done, use);
}

// -- handlers -------------------------------------------------------------------------------------

void console::connect_through(const an::connection& peer) {
  if (arguments_.handler == reaction::file)
    pipe_one(peer, {std::nullopt, arguments_.handler_target, true, false},
             [this, peer](const outcome& got) { pipe_failed(peer, got); });
  else if (arguments_.handler == reaction::forward)
    forward(peer);
  if (arguments_.is_paused_by_user && arguments_.handler == reaction::file)
    send(peer, an::pause{});
}

void console::pipe_failed(const an::connection& peer, const outcome& got) {
  if (!got.error)
    return;
  json fields = fields_of(*got.error);
  fields["path"] = arguments_.handler_target;
  print_event("failed", peer, fields);
}

// -- events ---------------------------------------------------------------------------------------

json console::target_of(const an::sink& sink) const {
  const auto path = files_.path_of(sink.id());
  return path.empty() ? json{{"to", arguments_.handler_target}} : json{{"path", path}};
}

void console::on(const an::piped& event) { print_event("piped", event.peer, target_of(event.to)); }

void console::on(const an::unpiped& event) {
  // A far end that failed has said so itself.
  const bool is_of_file = !files_.path_of(event.from.id()).empty();
  if (event.reason == an::unpipe_reason::sink_failed && is_of_file) {
    json fields = fields_of(event.why);
    fields.update(target_of(event.from));
    print_event("failed", event.peer, fields);
  }
  print_event("unpiped", event.peer, {{"bytes", event.bytes}});
}

void console::on(const an::sink_closed& event) {
  for (const auto& each : files_.closed(event.from))
    each();
}

} // namespace console
