// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The output of a command: data on standard output, problems on standard error.
package enum StandardOutput {
    /// The reason why data could not be written as a whole.
    package struct Failure: Error, CustomStringConvertible {
        let code: Int32

        /// The exit code of a command that could not write (`sysexits.h`).
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

    /// Writes a line of data. When the reader has gone, SIGPIPE ends the process, as it ends every filter.
    package static func print(_ line: String) throws(Failure) {
        let code = write(line, to: STDOUT_FILENO)
        if code != 0 { throw Failure(code: code) }
    }

    /// Writes a line for people. It reports no failure: nothing can be done about a terminal that is gone.
    package static func printError(_ line: String) {
        _ = write(line, to: STDERR_FILENO)
    }

    /// Opens `/dev/null` for each standard stream that is closed. Otherwise the next file or socket would get its number,
    /// and receive the output.
    package static func claimDescriptors() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            // The system gives the lowest free number, which is this one.
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Writes a line; returns 0, or the error that stopped it.
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
