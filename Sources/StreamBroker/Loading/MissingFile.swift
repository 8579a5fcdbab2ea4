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

/// A file that is not where it was looked for: where that was, and where a person may have it.
struct MissingFile: CustomStringConvertible {
    let path: String

    /// Why the file cannot be read. A path that does not begin with `/` is looked for in the working directory.
    var description: String {
        let missing = "there is no such file"
        if path.hasPrefix("/") { return missing + suggestion(in: String(folder)) }
        guard let working = Self.workingDirectory else { return missing }
        let place = "\(missing) in '\(working.visible)', the working directory"
        let meant = suggestion(in: folder.isEmpty ? working : "\(working)/\(folder)")
        return place + (meant.isEmpty ? above(working) : meant)
    }

    /// What stands before the last `/`.
    private var folder: Substring { path.lastIndex(of: "/").map { path[...$0] } ?? "" }

    private func suggestion(in directory: String) -> String {
        let name = String(path[folder.endIndex...])
        let nearest = Suggestion.nearest(to: name, among: Self.files(in: directory))
        return nearest.map { "; did you mean '\("\(folder)\($0)".visible)'?" } ?? ""
    }

    /// A file of this name in a directory above, which is where the program should have been started.
    private func above(_ working: String) -> String {
        var folder = working[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            guard access("\(folder)/\(path)", F_OK) == 0 else { continue }
            let place = folder.isEmpty ? "/" : String(folder).visible
            return "; there is one in '\(place)': start the program there, or name the file with its directory"
        }
        return "; start the program where the file is, or name the file with its directory"
    }

    private static var workingDirectory: String? {
        guard let text = getcwd(nil, 0) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    /// The names in a directory; none if it cannot be read.
    private static func files(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while names.count < 1000, let entry = readdir(directory) {
            // In place: the system does not fill the whole field.
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { name in
                    String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
                })
        }
        return names.sorted()
    }
}
