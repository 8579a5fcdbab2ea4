// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Says which benchmarks changed between two commits, from reports of runs that alternate.
///
///     Compare FOLDER BASE HEAD [--json]
///
/// The folder holds `base-1.json`, `head-1.json`, `base-2.json` and so on, with one line of `Bench --json` for each
/// benchmark, and `base.names` and `head.names` from `Bench --list`. BASE and HEAD say what was measured. Ends with 1
/// when a benchmark became worse.
@main
struct Compare {
    static func main() {
        var words = Array(CommandLine.arguments.dropFirst())
        let wantsJSON = words.last == "--json"
        if wantsJSON { words.removeLast() }
        guard words.count == 3 else { fail("usage: Compare FOLDER BASE HEAD [--json]") }
        do {
            let folder = words[0]
            let names = try (base: Round.names(of: "base", in: folder), head: Round.names(of: "head", in: folder))
            let comparison = Comparison(base: words[1], head: words[2], names: names, try Round.all(in: folder))
            print(Table(comparison).text, to: wantsJSON ? .standardError : .standardOutput)
            if wantsJSON { print(try comparison.json, to: .standardOutput) }
            exit(comparison.worse.isEmpty ? 0 : 1)
        } catch let unreadable as Round.Unreadable {
            fail("error: \(unreadable.file) \(unreadable.reason)")
        } catch {
            fail("error: \(error)")
        }
    }

    private static func print(_ text: String, to file: FileHandle) {
        file.write(Data((text + "\n").utf8))
    }

    private static func fail(_ text: String) -> Never {
        print(text, to: .standardError)
        exit(2)
    }
}
