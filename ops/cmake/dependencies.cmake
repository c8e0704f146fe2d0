# Debian 12's packages. Each foreign library is linked by the one room that may include it.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(fmt 9.1 REQUIRED)
find_package(RocksDB CONFIG REQUIRED)
find_package(LibXml2 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
# By pkg-config: the CMake files of Debian's package name a library that it does not have.
pkg_check_modules(NATS REQUIRED IMPORTED_TARGET libnats>=3.4)
if(TOCSIN_TESTS)
  find_package(doctest REQUIRED)
endif()
