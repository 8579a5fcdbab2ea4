// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// Errors of attempts to connect: each says what was found at the address and what to check.
extension RedisError {
    /// Makes the error for an attempt that failed.
    init(connecting error: any Error, to url: RedisURL) {
        switch error {
        case ChannelError.connectTimeout:
            self.init(.connection, "no answer from \(url.place); \(Self.whatToCheck), and is the way free?")
        case let error as NIOConnectionError:
            self = Self.unreachable(error, url)
        case let error as IOError:
            self.init(
                .connection,
                "no server at \(url.place) (\(ForeignErrorText.cause(of: error).lowercased())); \(Self.whatToCheck)?")
        default:
            self = RedisError(transport: error).found(at: url)
        }
    }

    /// Makes the error for an attempt that has had no answer so far and goes on.
    ///
    /// - Parameter isConnected: Whether somebody has accepted the connection.
    static func silence(of url: RedisURL, isConnected: Bool) -> RedisError {
        isConnected
            ? RedisError(.timeout, "").found(at: url)
            : RedisError(.connection, "no answer from \(url.place); \(whatToCheck), and is the way free?")
    }

    /// Makes the error for a connection to a place with several servers, of which one must be chosen.
    static func severalServers(_ url: RedisURL) -> RedisError {
        RedisError(.configuration, "'\(url)' names several servers, and a connection leads to one")
    }

    private static let whatToCheck = "is it running, is the address right"

    private static func unreachable(_ error: NIOConnectionError, _ url: RedisURL) -> RedisError {
        guard let attempt = error.connectionErrors.last else {
            return RedisError(.connection, "the host '\(error.host)' has no address; is its name right?")
        }
        if let refusal = attempt.error as? IOError { return RedisError(connecting: refusal, to: url) }
        if case ChannelError.connectTimeout = attempt.error { return RedisError(connecting: attempt.error, to: url) }
        return RedisError(transport: error)
    }
}

/// What a server does that takes the connection and cannot be used.
extension RedisError {
    /// Returns the error of a handshake in the words of an attempt to connect.
    func found(at url: RedisURL) -> RedisError {
        var error = self
        let place = "\(url.place)"
        switch code {
        case .server where message == serverError?.text:
            error.message = serverError.map { Self.sentence(of: $0, at: place) } ?? message
        case .timeout where url.isEncrypted:
            error.message = "no answer in TLS from \(place); if it speaks no TLS, write redis:// in 'url'"
        case .timeout:
            error.message = "\(place) takes the connection and does not answer; is it a Redis server, and is it well?"
        case .connection where isLoss && url.isEncrypted:
            error.message = "\(place) closed the connection at once; is it a Redis server that speaks TLS?"
        case .connection where isLoss:
            error.message = "\(place) closed the connection at once; if it speaks TLS, write rediss:// in 'url'"
        case .malformedReply:
            error.message =
                foreignProtocol.map { Self.sentence(of: $0, at: place) } ?? "\(place) is no Redis server: \(message)"
        case .tls: error.message = encryptionSentence(place)
        case .connection, .server, .overloaded, .closed, .cancelled, .configuration: break
        }
        return error
    }

    /// Whether a connection that was there broke.
    private var isLoss: Bool { message.hasPrefix("the connection") }

    private func encryptionSentence(_ place: String) -> String {
        if message.contains("WRONG_VERSION_NUMBER") || message.contains("HTTP_REQUEST") {
            return "\(place) speaks no TLS: write redis:// in 'url', or name the port that speaks TLS"
        }
        if message.contains("CERTIFICATE_VERIFY_FAILED") || message.contains("failedToValidateHostname") {
            return
                "the certificate of \(place) is not accepted; check 'tls.ca', 'tls.server-name' and its end date (\(message))"
        }
        return "\(place): \(message)"
    }

    private static func sentence(of foreignProtocol: ForeignProtocol, at place: String) -> String {
        switch foreignProtocol {
        case .tls: "\(place) speaks TLS: write rediss:// in 'url'"
        case .http, .ssh, .mail:
            "\(place) is no Redis server, it speaks \(foreignProtocol.rawValue); is the port right?"
        }
    }

    private static func sentence(of error: ServerError, at place: String) -> String {
        let text = error.text.hasSuffix(".") ? error.text.dropLast() : error.text[...]
        let row = sentences.first { text.hasPrefix($0.beginning) }
        guard let row else { return "the server at \(place) cannot be used: \(text)" }
        return "the server at \(place) \(row.finding) (\(text)); \(row.advice)"
    }

    private static let sentences: [(beginning: String, finding: String, advice: String)] = [
        ("WRONGPASS", "refuses the password", "check 'username' and 'password'"),
        ("ERR invalid password", "refuses the password", "check 'password'"),
        ("NOAUTH", "asks for a password", "set 'password'"),
        ("ERR Client sent AUTH", "knows no password", "leave 'password' out"),
        ("ERR AUTH", "knows no password", "leave 'password' out"),
        ("ERR DB index", "has no such database", "check 'database'"),
        ("ERR max number of clients", "takes no more clients", "raise its maxclients, or use fewer connections"),
        ("LOADING", "still loads its data", "it answers when it has done so"),
        ("MASTERDOWN", "has lost its primary", "name the primary in 'url'"),
        ("-DENIED", "takes local clients only", "give it a password, or turn its protected mode off"),
        ("DENIED", "takes local clients only", "give it a password, or turn its protected mode off"),
    ]
}
