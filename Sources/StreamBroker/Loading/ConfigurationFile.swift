// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerYAML

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Reads the bytes of a configuration file, and never waits for a path that is no regular file.
///
/// It reads regular files, and standard input when the path is `-`. It refuses directories, pipes and devices at once,
/// and stops reading behind the size of the largest configuration.
package enum ConfigurationFile {
    /// One byte more than the largest configuration, so that a file that is too large is noticed.
    private static let bound = YAMLReader.maximumBytes + 1

    /// Returns the bytes of a file.
    static func read(_ path: String) throws(ConfigurationError) -> [UInt8] {
        if path == "-" { return try bytes(of: STDIN_FILENO, named: "standard input") }
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            throw unreadable(path, errno == ENOENT ? MissingFile(path: path).description : reason(errno))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable(path, reason(errno)) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return try bytes(of: descriptor, named: path)
        case S_IFDIR: throw unreadable(path, "it is a directory")
        default: throw unreadable(path, "it is not a regular file")
        }
    }

    /// Returns the name of a file in messages.
    package static func name(of path: String) -> String {
        path == "-" ? "<stdin>" : path.visible
    }

    private static func bytes(of descriptor: Int32, named name: String) throws(ConfigurationError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count < bound {
            let count = Swift.min(chunk.count, bound - bytes.count)
            let taken = readChunk(descriptor, &chunk, count)
            if taken == 0 { break }
            if taken < 0 {
                if errno == EINTR { continue }
                throw unreadable(name, reason(errno))
            }
            bytes += chunk[..<taken]
        }
        return bytes
    }

    private static func unreadable(_ path: String, _ reason: String) -> ConfigurationError {
        ConfigurationError([ConfigurationProblem("cannot read \(path.quoted): \(reason)")], isUnreadable: true)
    }

    private static func reason(_ code: Int32) -> String {
        switch code {
        case EACCES, EPERM: "permission denied"
        case EISDIR: "it is a directory"
        case ENXIO: "it is not a regular file"
        default: "error \(code)"
        }
    }
}

/// The system's `read`, which the type above hides.
private func readChunk(_ descriptor: Int32, _ buffer: inout [UInt8], _ count: Int) -> Int {
    read(descriptor, &buffer, count)
}
