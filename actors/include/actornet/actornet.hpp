// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// All of actornet.

#include <actornet/broker_options.hpp>
#include <actornet/config.hpp>
#include <actornet/error.hpp>
#include <actornet/handler.hpp>
#include <actornet/handles.hpp>
#include <actornet/messages.hpp>
#include <actornet/options.hpp>
#include <actornet/runtime.hpp>
#include <actornet/udp_messages.hpp>
#include <actornet/udp_options.hpp>

#include <caf/exec_main.hpp> // CAF_MAIN
