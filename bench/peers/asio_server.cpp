// SPDX-License-Identifier: BSD-3-Clause
// A server on Boost.Asio, after the library's own examples: a session for each client, kept alive
// by its operations. Its command line is in command.h.
extern "C" {
#include "command.h"
}

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <csignal>
#include <deque>
#include <exception>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using error_code = boost::system::error_code;

class session;

struct server {
  const mode chosen;
  const char* const directory = nullptr;
  unsigned long file_count = 0;
  std::uint64_t data_count = 0;
  std::uint64_t data_bytes = 0;
  std::set<std::shared_ptr<session>> sessions = {}; // of a broadcast
};

class session : public std::enable_shared_from_this<session> {
public:
  session(server& owner, tcp::socket socket) : server_(owner), socket_(std::move(socket)) {}

  void start() {
    if (server_.chosen == mode_broadcast)
      server_.sessions.insert(shared_from_this());
    if (server_.chosen == mode_to_file)
      file_ = open_out(server_.directory, server_.file_count++);
    read();
  }

  ~session() {
    if (file_ >= 0)
      ::close(file_);
  }

private:
  using shared_bytes = std::shared_ptr<const std::string>;

  void read() {
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](error_code error, std::size_t size) {
                              if (error)
                                self->server_.sessions.erase(self);
                              else
                                self->handle(size);
                            });
  }

  void handle(std::size_t size) {
    ++server_.data_count;
    server_.data_bytes += size;
    if (server_.chosen == mode_echo)
      return echo(size);
    if (server_.chosen == mode_broadcast) {
      const auto bytes = std::make_shared<const std::string>(buffer_.data(), size);
      for (const auto& receiver : server_.sessions)
        receiver->deliver(bytes);
    }
    if (server_.chosen == mode_to_file)
      write_to_file(size);
    read();
  }

  // A file is written where the bytes came: Asio has files for io_uring only.
  void write_to_file(std::size_t size) const {
    for (std::size_t written = 0; written < size;) {
      const auto count = ::write(file_, buffer_.data() + written, size - written);
      if (count < 0)
        throw std::system_error(errno, std::generic_category(), "write");
      written += static_cast<std::size_t>(count);
    }
  }

  void echo(std::size_t size) {
    asio::async_write(socket_, asio::buffer(buffer_, size),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (!error)
                          self->read();
                      });
  }

  void deliver(const shared_bytes& bytes) {
    queue_.push_back(bytes);
    if (sending_ == 0)
      write_queue();
  }

  void write_queue() {
    std::vector<asio::const_buffer> buffers;
    for (const auto& bytes : queue_)
      buffers.push_back(asio::buffer(*bytes));
    sending_ = queue_.size();
    asio::async_write(socket_, buffers, [self = shared_from_this()](error_code error, std::size_t) {
      if (error)
        return; // reading fails, too, and ends the session
      const auto sent = self->queue_.begin() + static_cast<std::ptrdiff_t>(self->sending_);
      self->queue_.erase(self->queue_.begin(), sent);
      self->sending_ = 0;
      if (!self->queue_.empty())
        self->write_queue();
    });
  }

  server& server_;
  tcp::socket socket_;
  std::deque<shared_bytes> queue_;
  std::size_t sending_ = 0;
  int file_ = -1;
  // Deliberately not initialised: pages that are never used cost no memory.
  std::array<char, 64 * 1024> buffer_;
};

void accept(server& owner, tcp::acceptor& acceptor) {
  acceptor.async_accept([&](error_code error, tcp::socket socket) {
    if (error)
      throw boost::system::system_error(error, "accept");
    socket.set_option(tcp::no_delay(true));
    std::make_shared<session>(owner, std::move(socket))->start();
    accept(owner, acceptor);
  });
}

void run(const command& given) {
  asio::io_context context{1};
  server owner{.chosen = given.mode, .directory = given.directory};
  tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), given.port}};
  asio::signal_set ending{context, SIGTERM};
  ending.async_wait([&](error_code, int) { context.stop(); });
  accept(owner, acceptor);
  print_ready();
  context.run();
  if (given.mode == mode_sink)
    print_count(owner.data_count, owner.data_bytes);
  std::_Exit(0); // sessions refer to the context and to each other's queues: nothing to tidy up
}

} // namespace

int main(int argc, char** argv) {
  try {
    run(parse_file_command(mode_to_file, argc, argv));
  } catch (const std::exception& trouble) {
    std::cerr << trouble.what() << '\n';
    return 1;
  }
}
