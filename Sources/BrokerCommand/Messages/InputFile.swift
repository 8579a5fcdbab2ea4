// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A file that is read by pieces.
struct InputFile {
    /// Standard input.
    static let standardInput = InputFile(descriptor: STDIN_FILENO, name: "standard input")

    private let descriptor: Int32
    private let name: String

    private init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// Returns the content of a file.
    ///
    /// - Throws: With code 66 if it cannot be read, with code 65 if it has more bytes than `bound`.
    static func content(of path: String, atMost bound: Int) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        let file = InputFile(descriptor: descriptor, name: path)
        var content: [UInt8] = []
        while case let bytes = try file.read(atMost: 1 << 20), !bytes.isEmpty {
            content += bytes
            if content.count > bound {
                throw CommandFailure(ExitCodes.badData, "\(path.quoted) has more than \(bound) bytes")
            }
        }
        return content
    }

    /// Returns the next bytes; none at the end.
    func read(atMost count: Int) throws -> [UInt8] {
        while true {
            var taken = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
                taken = readChunk(descriptor, buffer.baseAddress, count)
                length = max(0, taken)
            }
            if taken >= 0 { return bytes }
            if errno != EINTR { throw Self.unreadable(name) }
        }
    }

    private static func unreadable(_ name: String) -> CommandFailure {
        let reason =
            switch errno {
            case ENOENT: "there is no such file"
            case EACCES, EPERM: "permission denied"
            case EISDIR: "it is a directory"
            default: "error \(errno)"
            }
        return CommandFailure(ExitCodes.noInput, "cannot read \(name.quoted): \(reason)")
    }
}

/// The system's `read`, which the type above hides.
private func readChunk(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
