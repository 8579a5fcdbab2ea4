// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Where the body of a message is among the fields of its entry: `body` of a stream in the configuration.
///
/// It says how a stream is read and written that other programs use, too. In every layout the names that begin with
/// `sb-` are the framework's own: `sb-key` is the ordering key, and the others are headers.
public enum BodyLayout: Sendable, Hashable {
    /// One field is the body, and the other fields are headers.
    case field(String)
    /// The fields are the body, as one JSON object of strings. What such an object cannot hold is a header: a further
    /// field of the same name, and a value that is no UTF-8.
    case fields
    /// There is no body. Every field is a header.
    case raw

    /// The layout of streams that say nothing else: the field `data` is the body.
    public static let standard = BodyLayout.field(ReservedHeaders.payload)

    /// The most fields that a published message may have in the layout ``fields``, headers included: 1000.
    public static let maximumFields = 1000

    /// Returns whether no header may have this name.
    package func reserves(_ name: String) -> Bool {
        if name.hasPrefix(ReservedHeaders.prefix) { return true }
        return if case .field(let body) = self { name.hasBytes(of: body) } else { false }
    }
}

/// Between a message as a provider stores it, which has the standard layout, and the message that a program sees.
///
/// Nothing is lost in either direction. The fields of an entry that is read and written again are the same; with
/// ``BodyLayout/fields`` their order may differ.
extension BodyLayout {
    /// Returns the message that a program sees of a stored one.
    package func read(_ stored: Message) -> Message {
        if self == .standard { return stored }
        var rest = stored.fieldsWithoutKey
        var body: Payload?
        switch self {
        case .field(let name):
            body = rest.firstIndex { $0.name.hasBytes(of: name) }.map { rest.remove(at: $0).value }
        case .fields: body = FlatObject.take(from: &rest)
        case .raw: break
        }
        var message = Message(key: stored.key, headers: Headers(rest))
        if let body { (message.payload, message.hasPayload) = (body, true) }
        return message
    }

    /// Returns a message of a program as a provider stores it.
    ///
    /// - Throws: ``BrokerError/Code/invalidMessage`` for a body that the layout has no place for.
    package func write(_ message: Message, for stream: StreamName) throws(BrokerError) -> Message {
        guard self != .standard else { return message }
        guard message.hasPayload else { return Message(key: message.key, fields: Array(message.headers)) }
        var body: [Headers.Header] = []
        switch self {
        case .field(let name): body = [Headers.Header(name: name, value: message.payload)]
        case .fields: body = try fields(of: message.payload, for: stream)
        case .raw:
            throw BrokerError(
                .invalidMessage,
                "stream '\(stream)' has 'body: raw', so its messages have headers and no body; publish "
                    + "Message(headers: …)")
        }
        return Message(key: message.key, fields: body + message.headers)
    }

    private func fields(of payload: Payload, for stream: StreamName) throws(BrokerError) -> [Headers.Header] {
        let problem: String
        do throws(FlatObject.Problem) {
            let fields = try FlatObject.fields(of: payload)
            let reserved = fields.first { $0.name.hasPrefix(ReservedHeaders.prefix) }
            guard let reserved else { return fields }
            throw FlatObject.Problem("the name \(reserved.name.quoted) begins with '\(ReservedHeaders.prefix)'")
        } catch {
            problem = error.text
        }
        throw BrokerError(
            .invalidMessage,
            "stream '\(stream)' has 'body: fields', so a body is one JSON object of strings: \(problem)")
    }
}

extension String {
    /// Whether it has the bytes of another text. Texts that look the same are equal, and may be two fields.
    fileprivate func hasBytes(of other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension Message {
    /// The fields of a stored message but its ordering key.
    fileprivate var fieldsWithoutKey: [Headers.Header] {
        hasPayload ? [Headers.Header(name: ReservedHeaders.payload, value: payload)] + headers : Array(headers)
    }

    /// Makes a stored message of its fields. The first field `data` is the body.
    fileprivate init(key: String?, fields: [Headers.Header]) {
        var rest = fields
        let body = rest.firstIndex { $0.name == ReservedHeaders.payload }.map { rest.remove(at: $0).value }
        self.init(key: key, headers: Headers(rest))
        if let body { (payload, hasPayload) = (body, true) }
    }
}

/// The layouts of the streams that one consumer has.
package struct StreamLayouts: Sendable {
    /// The layout of all streams but the exceptions.
    private let common: BodyLayout
    private let exceptions: [StreamName: BodyLayout]

    package init(_ common: BodyLayout = .standard, except exceptions: [StreamName: BodyLayout] = [:]) {
        self.common = common
        self.exceptions = exceptions.filter { $0.value != common }
    }

    /// Whether every stream has the standard layout.
    package var areStandard: Bool { common == .standard && exceptions.isEmpty }

    /// Returns the layout of a stream.
    package func layout(of stream: StreamName) -> BodyLayout { exceptions[stream] ?? common }
}
