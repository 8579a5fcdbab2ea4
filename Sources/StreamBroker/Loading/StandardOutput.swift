// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Where a command writes: data to one stream, problems to the other.
package enum StandardOutput {
    /// Why data could not be written: whoever reads it has not got all of it.
    package struct Failure: Error, CustomStringConvertible {
        let code: Int32

        /// The code with which a command ends because of it (`sysexits.h`).
        package static let exitCode: Int32 = 74

        package var description: String {
            let reason =
                switch code {
                case ENOSPC: "there is no space left"
                case EBADF: "it is closed"
                default: "error \(code)"
                }
            return "cannot write to standard output: \(reason)"
        }
    }

    /// Writes a line of data. Once nobody reads, the process ends by SIGPIPE as every filter does.
    package static func print(_ line: String) throws(Failure) {
        let code = write(line, to: STDOUT_FILENO)
        if code != 0 { throw Failure(code: code) }
    }

    /// Writes a line for people. Nothing useful can be done when a terminal is gone, so that a failure is not reported.
    package static func printError(_ line: String) {
        _ = write(line, to: STDERR_FILENO)
    }

    /// Opens `/dev/null` for each standard stream that was closed: the next file or socket would get its number, and
    /// what is said to the stream would be written there.
    package static func claimDescriptors() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is given out, which is this one.
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Writes a line and returns 0, or why not all of it could be written.
    private static func write(_ line: String, to descriptor: Int32) -> Int32 {
        var rest = Array("\(line)\n".utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { writeChunk(descriptor, $0) }
            if written < 0 && errno == EINTR { continue }
            if written <= 0 { return written < 0 ? errno : EIO }
            rest = rest.dropFirst(written)
        }
        return 0
    }
}

private func writeChunk(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
