#pragma once
// What the processes that are measured use, as /proc tells it.
#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace bench {

/// Run time of all their threads that live.
std::uint64_t cpu_ns(const std::vector<pid_t>& processes);

/// Run time of this process.
std::uint64_t own_cpu_ns();

std::uint64_t resident_bytes(const std::vector<pid_t>& processes);

/// Slab and TCP buffers of the whole machine: on loopback both ends of every connection.
std::uint64_t kernel_bytes();

}  // namespace bench
