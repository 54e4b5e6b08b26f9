// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/endpoint.hpp>
#include <actornet/version.hpp>

#include <iostream>

// Links actornet::net alone: no CAF.
int main() {
  auto where = actornet::net::endpoint::parse("[::1]:8080");
  if (!where || where->port() != 8080)
    return 1;
  std::cout << "actornet::net " << actornet::version << ", " << to_string(*where) << '\n';
}
