// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// For tests of actors that use actornet, without a network, without threads and without waiting.
#include <actornet/testkit/probe.hpp>
#include <actornet/testkit/world.hpp>
