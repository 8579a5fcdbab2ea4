// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import CLibYAML

/// The boundary to libyaml: drives its parser and passes each event on as a value.
enum YAMLEvents {
    /// Reads until the end, a syntax error, or until the builder has ended.
    ///
    /// The parser points into itself and into the input. So it stays at one address, and is released before the input.
    /// Every event is deleted after it has been copied.
    static func read(_ bytes: [UInt8], file: String, into builder: inout YAMLTreeBuilder) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        guard yaml_parser_initialize(parser) == 1 else {
            builder.stop("libyaml could not begin to read", at: .init(line: 0, column: 0))
            return
        }
        defer { yaml_parser_delete(parser) }
        bytes.withUnsafeBufferPointer { input in
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser, input.baseAddress, input.count)
            while !builder.hasEnded, step(parser, bytes, file, &builder) {}
        }
    }

    /// Passes on one event; returns false after the last one.
    private static func step(
        _ parser: UnsafeMutablePointer<yaml_parser_t>, _ bytes: [UInt8], _ file: String,
        _ builder: inout YAMLTreeBuilder
    ) -> Bool {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else {
            refuse(parser.pointee, bytes, file, &builder)
            return false
        }
        defer { yaml_event_delete(&event) }
        if event.type == YAML_STREAM_END_EVENT { return false }
        if let value = value(of: event) { builder.take(value) }
        return true
    }

    private static func value(of event: yaml_event_t) -> YAMLEvent? {
        var result = YAMLEvent(kind: .mapEnd, start: mark(event.start_mark), end: mark(event.end_mark))
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: result.kind = .documentStart
        case YAML_ALIAS_EVENT: result.kind = .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let characters = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isQuoted = scalar.style != YAML_PLAIN_SCALAR_STYLE
            result.kind = .scalar(String(decoding: characters, as: UTF8.self), isQuoted: isQuoted)
            result.anchor = text(scalar.anchor)
            result.hasTag = scalar.tag != nil
        case YAML_SEQUENCE_START_EVENT:
            result.kind = .listStart
            result.anchor = text(event.data.sequence_start.anchor)
            result.hasTag = event.data.sequence_start.tag != nil
        case YAML_MAPPING_START_EVENT:
            result.kind = .mapStart
            result.anchor = text(event.data.mapping_start.anchor)
            result.hasTag = event.data.mapping_start.tag != nil
            result.isFlow = event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
        case YAML_SEQUENCE_END_EVENT: result.kind = .listEnd
        case YAML_MAPPING_END_EVENT: result.kind = .mapEnd
        default: return nil
        }
        return result
    }

    /// Ends the reading at an error. A byte that cannot be read has an offset instead of a mark.
    private static func refuse(
        _ parser: yaml_parser_t, _ bytes: [UInt8], _ file: String, _ builder: inout YAMLTreeBuilder
    ) {
        let problem = parser.problem.map { String(cString: $0) } ?? "libyaml could not read on"
        if parser.error == YAML_READER_ERROR {
            let place = YAMLText.position(of: Int(parser.problem_offset), in: bytes, file: file)
            builder.stop(problem, at: YAMLEvent.Mark(line: place.line - 1, column: place.column - 1))
            return
        }
        let context = parser.context.map { String(cString: $0) } ?? ""
        builder.stop(
            YAMLFailure(
                problem: problem, context: context, since: mark(parser.context_mark), mark: mark(parser.problem_mark)))
    }

    private static func mark(_ mark: yaml_mark_t) -> YAMLEvent.Mark {
        YAMLEvent.Mark(line: Int(mark.line), column: Int(mark.column))
    }

    private static func text(_ characters: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        characters.map { String(cString: $0) }
    }
}

/// One event of libyaml, without any C type.
struct YAMLEvent {
    /// The kind of an event.
    enum Kind {
        case documentStart
        case alias(String)
        case scalar(String, isQuoted: Bool)
        case listStart, listEnd, mapStart, mapEnd
    }

    /// A place in the file, counted from 0 as libyaml does.
    struct Mark {
        var line: Int
        var column: Int
    }

    var kind: Kind
    var anchor: String?
    var hasTag = false
    /// Whether a map is written in braces.
    var isFlow = false
    var start: Mark
    var end: Mark
}
