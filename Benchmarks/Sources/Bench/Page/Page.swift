// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The page docs/performance.md, whose text is written by hand and whose numbers are written here: each between a line
/// `<!-- bench:NAME -->` and a line `<!-- bench:end -->`.
struct Page {
    private let folder: String
    private let text: String

    private var path: String { "\(folder)/performance.md" }

    /// Reads the page in a folder, before anything is measured for it. Its charts are in `charts` beside it.
    init(folder: String) throws {
        self.folder = folder
        guard let text = TextFile.text(of: "\(folder)/performance.md") else {
            throw UnusableFile(file: "\(folder)/performance.md", reason: "cannot be read")
        }
        self.text = text
        let names = Exhibit.all.map(\.name) + ["machine"]
        _ = try replacingBlocks(Dictionary(uniqueKeysWithValues: names.map { ($0, "") }))
    }

    /// Writes the page and its charts as this report has them. Nothing is written unless everything can be made.
    func write(_ report: Report) throws {
        var blocks = ["machine": report.introduction]
        var charts: [String: String] = [:]
        for exhibit in Exhibit.all {
            let figure = try exhibit.figure(of: report)
            let note = try exhibit.note.map { [try $0(report)] } ?? []
            let chart = "![\(exhibit.title)](charts/\(exhibit.name).svg)"
            blocks[exhibit.name] = ([figure.table] + note + [chart]).joined(separator: "\n\n")
            charts[exhibit.name] = Chart(figure: figure).svg
        }
        let page = try replacingBlocks(blocks)
        for (name, svg) in charts.sorted(by: { $0.key < $1.key }) {
            try TextFile.write(svg, to: "\(folder)/charts/\(name).svg")
        }
        try TextFile.write(page, to: path)
    }

    /// The text with each of these blocks in its place. Throws when the page has another set of blocks.
    private func replacingBlocks(_ blocks: [String: String]) throws -> String {
        var lines: [Substring] = []
        var rest = blocks
        var open: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            switch (open, Self.marker(line)) {
            case (nil, nil): lines.append(line)
            case (nil, let name?):
                guard let block = rest.removeValue(forKey: name) else {
                    throw UnusableFile(file: path, reason: "has '\(line)', which is no block or not the first one")
                }
                lines += [line, "", block[...], "", Self.end]
                open = name
            case (_?, "end"): open = nil
            case (let name?, _?): throw UnusableFile(file: path, reason: "has a block in the block bench:\(name)")
            case (_?, nil): continue
            }
        }
        if let open { throw UnusableFile(file: path, reason: "has no '\(Self.end)' behind bench:\(open)") }
        if let name = rest.keys.min() { throw UnusableFile(file: path, reason: "has no line '<!-- bench:\(name) -->'") }
        return lines.joined(separator: "\n")
    }

    private static let end: Substring = "<!-- bench:end -->"

    /// The name in a marker; `nil` for any other line.
    private static func marker(_ line: Substring) -> String? {
        guard line.hasPrefix("<!-- bench:"), line.hasSuffix(" -->") else { return nil }
        return String(line.dropFirst(11).dropLast(4))
    }
}

extension Report {
    /// What all numbers of the page have in common.
    fileprivate var introduction: String {
        let server = redis.map { ", redis-server \($0)" } ?? ""
        let number = runs == 1 ? "of one run" : "the median of \(runs) runs"
        return """
            `make bench` measured this on
            \(machine.name)\(server).
            The load was \(machine.loadText) when it began. Each number is \(number). A run has \(messages.grouped)
            messages, or a part of them where they are slow.
            """
    }
}
