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

        /// Whether the reader has gone, as `head` does. Nobody is left to be told.
        package var isReaderGone: Bool { code == EPIPE }

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

    /// Writes a line of data. When the reader has gone, SIGPIPE ends the process, as it ends every filter, unless
    /// something has asked the system not to.
    ///
    /// - Parameters:
    ///   - line: The line.
    ///   - terminated: Whether an end of line follows; by default one does.
    package static func print(_ line: String, terminated: Bool = true) throws(Failure) {
        let code = write(terminated ? "\(line)\n" : line, to: STDOUT_FILENO)
        if code != 0 { throw Failure(code: code) }
    }

    /// Writes a line for people. It reports no failure: nothing can be done about a terminal that is gone.
    package static func printError(_ line: String) {
        _ = write("\(line)\n", to: STDERR_FILENO)
    }

    /// Opens `/dev/null` for each standard stream that is closed. Otherwise the next file or socket would get its number,
    /// and receive the output.
    ///
    /// - Parameter swallowsData: Whether data for a closed standard output vanishes, as by default; otherwise printing it
    ///   fails.
    package static func claimDescriptors(swallowsData: Bool = true) {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            // The system gives the lowest free number, which is this one.
            _ = open("/dev/null", descriptor == STDOUT_FILENO && !swallowsData ? O_RDONLY : O_RDWR)
        }
    }

    /// Whether a descriptor is a file, a pipe, a terminal or a socket. What a runtime opens for itself while a standard
    /// stream is closed may have got its number, and is none of them.
    private static func isStream(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT != 0
    }

    /// Writes a text; returns 0, or the error that stopped it.
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        guard isStream(descriptor) else { return EBADF }
        var rest = Array(text.utf8)[...]
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
