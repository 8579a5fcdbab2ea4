// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Inputs as files of a folder: what failed once, or is worth beginning with.
package enum KeptInputs {
    /// Every file of a folder, by name; none when there is no such folder.
    package static func read(_ folder: String) -> [(name: String, bytes: [UInt8])] {
        guard let route = opendir(folder) else { return [] }
        defer { closedir(route) }
        var names: [String] = []
        while let entry = readdir(route) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted().compactMap { name in bytes(of: "\(folder)/\(name)").map { (name, $0) } }
    }

    /// Writes a file whole; returns whether that could be done.
    @discardableResult
    package static func write(_ bytes: [UInt8], to path: String) -> Bool {
        guard let file = fopen(path, "w") else { return false }
        defer { fclose(file) }
        return fwrite(bytes, 1, bytes.count, file) == bytes.count
    }

    private static func bytes(of path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return ferror(file) == 0 ? bytes : nil
    }
}
