// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Checks the bytes of a file before YAML is read, and splits them into lines.
enum YAMLText {
    /// The problem of a file that is too large.
    static func sizeProblem(_ bytes: [UInt8], file: String) -> ConfigurationProblem? {
        guard bytes.count > YAMLReader.maximumBytes else { return nil }
        return ConfigurationProblem("the file is larger than 1 MiB", at: SourcePosition(file: file, line: 1, column: 1))
    }

    /// The problem of a file that is not UTF-8.
    static func encodingProblem(_ bytes: [UInt8], file: String) -> ConfigurationProblem? {
        let start = SourcePosition(file: file, line: 1, column: 1)
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
            return ConfigurationProblem("the file is UTF-16; write it as UTF-8", at: start)
        }
        if let offset = bytes.firstIndex(of: 0) {
            let message = "the file holds a NUL byte; is it text in UTF-8?"
            return ConfigurationProblem(message, at: position(of: offset, in: bytes, file: file))
        }
        guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
        let message = "the file is not UTF-8 here"
        return ConfigurationProblem(message, at: position(of: firstInvalid(bytes), in: bytes, file: file))
    }

    /// The lines as libyaml counts them: NEL, LS and PS end a line, too.
    static func lines(_ bytes: [UInt8]) -> [String] {
        let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            defer { previous = scalar }
            guard breaks.contains(scalar) else {
                line.append(scalar)
                continue
            }
            if scalar == "\n", previous == "\r" { continue }
            lines.append(String(line))
            line = String.UnicodeScalarView()
        }
        lines.append(String(line))
        return lines
    }

    /// The place of a byte, in characters.
    static func position(of offset: Int, in bytes: [UInt8], file: String) -> SourcePosition {
        let before = lines(Array(bytes.prefix(offset)))
        let column = (before.last?.unicodeScalars.count ?? 0) + 1
        return SourcePosition(file: file, line: before.count, column: column)
    }

    /// The bytes without the byte order mark that some editors write.
    static func withoutMark(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    /// The first byte that begins no valid character.
    private static func firstInvalid(_ bytes: [UInt8]) -> Int {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while case .valid(let scalar) = parser.parseScalar(from: &iterator) { offset += scalar.count }
        return offset
    }
}

/// Turns libyaml's marks into positions, by the lines of the file.
struct YAMLPlaces {
    private let source: ConfigurationSource
    private let lines: [String]

    init(_ source: ConfigurationSource, lines: [String]) {
        self.source = source
        self.lines = lines
    }

    private var file: String { source.file }

    /// The first character of the file.
    var beginning: SourcePosition { SourcePosition(file: file, line: 1, column: 1) }

    /// The position of the text between two marks. Of several lines only the first is marked.
    func position(from start: YAMLEvent.Mark, to end: YAMLEvent.Mark) -> SourcePosition {
        let stop = end.line == start.line ? end.column : width(ofLine: start.line)
        let length = max(1, stop - start.column)
        return SourcePosition(file: file, line: start.line + 1, column: start.column + 1, length: length)
    }

    /// The character at a mark; `nil` at the end of its line.
    func character(at mark: YAMLEvent.Mark) -> Unicode.Scalar? {
        text(ofLine: mark.line).dropFirst(mark.column).first
    }

    /// The character before a mark; `nil` at the beginning of its line.
    func character(before mark: YAMLEvent.Mark) -> Unicode.Scalar? {
        text(ofLine: mark.line).prefix(mark.column).last
    }

    /// The characters of a line, counted from 0; none behind the last one.
    func text(ofLine line: Int) -> [Unicode.Scalar] {
        lines.indices.contains(line) ? Array(lines[line].unicodeScalars) : []
    }

    /// Whether the text of a line, counted from 0, may be in a message: it holds no secret, and is not very long.
    func shows(line: Int) -> Bool { source.shows(line: line + 1) && lines[line].utf8.count <= 4096 }

    private func width(ofLine line: Int) -> Int {
        lines.indices.contains(line) ? lines[line].unicodeScalars.count : 0
    }
}
