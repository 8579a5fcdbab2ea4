// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The files of the repository, found from this one.
enum Repository {
    private static var root: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    static func path(_ file: String) -> String {
        root.appending(path: file).path
    }

    static func text(_ file: String) throws -> String {
        try String(contentsOf: root.appending(path: file), encoding: .utf8)
    }

    /// The paths of all files in a folder and below whose names end in that.
    static func files(in folder: String, endingIn ending: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: path(folder))?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasSuffix(ending) }.map { "\(folder)/\($0)" }.sorted()
    }
}

extension String {
    /// What stands between two marks; with no second one, all that follows the first.
    func between(_ first: String, _ second: String?) -> String? {
        guard let start = range(of: first)?.upperBound else { return nil }
        guard let second else { return String(self[start...]) }
        return range(of: second, range: start..<endIndex).map { String(self[start..<$0.lowerBound]) }
    }
}
