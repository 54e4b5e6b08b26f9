// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <stdbool.h>
#include <stdint.h>

// What the servers in C need of the system, whatever they wait with.

// Prints what failed, and errno, and ends the program.
_Noreturn void die(const char* what);

// A non-blocking listening socket on 127.0.0.1.
int listen_on_loopback(uint16_t port);

// Switches off Nagle's delay.
bool set_no_delay(int fd);

// A descriptor that becomes readable on SIGTERM, which no longer ends the process: a server that
// counts has to say so first, and can see to it in its loop.
int open_end_signal(void);
