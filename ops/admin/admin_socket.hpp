#pragma once
// DIR/admin.sock of a running engine: operators' commands, one after the other, on a thread of its
// own, so that neither they nor the disk they wait for touch a stream.
#include <memory>
#include <mutex>
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
  /// Finishes the request at hand, whether or not anybody takes its answer, and takes the socket
  /// away.
  ~AdminSocket();

 private:
  AdminSocket(std::filesystem::path folder, Descriptor listener, Machine machine);
  void serve();
  void answer(int client) const;
  /// Whom the thread speaks to, or nobody (-1); false once there is to be nobody.
  bool speak_to(int client);

  const std::filesystem::path folder_;
  const Descriptor listener_;
  const Machine machine_;
  std::mutex guards_client_;
  int client_ = -1;
  bool stops_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace ops
