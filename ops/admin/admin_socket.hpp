#pragma once
// DIR/admin.sock of a running engine: operators' commands, one after the other, on a thread of its
// own, so that neither they nor the disk they wait for touch a stream.
#include <memory>
#include <thread>

#include "ops/admin/local_socket.hpp"
#include "ops/admin/perform.hpp"

namespace ops {

class AdminSocket {
 public:
  static engine::Result<std::unique_ptr<AdminSocket>> open(const std::filesystem::path& folder,
                                                           Machine machine);
  AdminSocket(const AdminSocket&) = delete;
  AdminSocket& operator=(const AdminSocket&) = delete;
  /// Finishes the request at hand and takes the socket away.
  ~AdminSocket();

 private:
  AdminSocket(std::filesystem::path folder, Descriptor listener, Machine machine);
  void serve();
  void answer(int client) const;

  const std::filesystem::path folder_;
  const Descriptor listener_;
  const Machine machine_;
  std::thread thread_;
};

}  // namespace ops
