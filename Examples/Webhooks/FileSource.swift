// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import StreamBroker
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file, or whatever standard input is.
///
/// Dispatch does the reading: a pipe on which nothing comes must neither hold one of Swift's threads nor outlast the
/// signal that ends the program.
final class FileSource: ByteSource {
    private let channel: DispatchIO
    private let queue = DispatchQueue(label: "webhooks.input")

    /// Reads from an open descriptor, which stays open.
    init(descriptor: Int32) {
        channel = DispatchIO(type: .stream, fileDescriptor: descriptor, queue: queue) { _ in }
    }

    /// Opens a file; `nil` when it cannot be opened or is a folder.
    convenience init?(path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { return nil }
        self.init(descriptor: descriptor)
    }

    /// Returns up to 64 KiB. Waits until there are that many bytes, or the end is reached.
    func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            let (bytes, code) = await read()
            if code == ECANCELED { throw CancellationError() }
            guard code == 0 else {
                throw BrokerError(
                    .connection, "the input cannot be read any further: \(String(cString: strerror(code)))")
            }
            return bytes.isEmpty ? nil : bytes
        } onCancel: {
            channel.close(flags: .stop)
        }
    }

    private func read() async -> (bytes: [UInt8], code: Int32) {
        await withCheckedContinuation { continuation in
            let bytes = Mutex<[UInt8]>([])
            channel.read(offset: 0, length: 64 * 1024, queue: queue) { isLast, data, code in
                if let data { bytes.withLock { $0 += data } }
                if isLast { continuation.resume(returning: (bytes.withLock { $0 }, code)) }
            }
        }
    }
}
