// SPDX-License-Identifier: BSD-3-Clause
#include "asio_datagrams.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/signal_set.hpp>

#include <array>
#include <csignal>

namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using error_code = boost::system::error_code;

constexpr int receive_buffer_bytes = 4 * 1024 * 1024;

class datagram_server {
public:
  datagram_server(asio::io_context& context, const command& given)
      : echoes_(given.mode == mode_udp_echo),
        socket_(context, {asio::ip::address_v4::loopback(), given.port}) {
    socket_.set_option(asio::socket_base::receive_buffer_size(receive_buffer_bytes));
  }

  void receive() {
    socket_.async_receive_from(asio::buffer(buffer_), from_, [this](error_code error, auto size) {
      if (error)
        throw boost::system::system_error(error, "receive");
      ++data_count;
      data_bytes += size;
      if (echoes_)
        answer(size);
      else
        receive();
    });
  }

  std::uint64_t data_count = 0;
  std::uint64_t data_bytes = 0;

private:
  void answer(std::size_t size) {
    socket_.async_send_to(asio::buffer(buffer_, size), from_,
                          [this](error_code, std::size_t) { receive(); });
  }

  const bool echoes_;
  udp::socket socket_;
  udp::endpoint from_;
  std::array<char, 64 * 1024> buffer_{};
};

} // namespace

void serve_asio_datagrams(const command& given) {
  if (given.mode != mode_udp_echo && given.mode != mode_udp_sink)
    refuse_mode();
  asio::io_context context{1};
  datagram_server server{context, given};
  asio::signal_set ending{context, SIGTERM};
  ending.async_wait([&](error_code, int) { context.stop(); });
  server.receive();
  print_ready();
  context.run();
  if (given.mode == mode_udp_sink)
    print_count(server.data_count, server.data_bytes);
}
