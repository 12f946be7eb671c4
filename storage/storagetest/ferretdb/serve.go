package main

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
)

// serve forwards the commands of all clients to a server, one command at a time. MongoDB updates a document atomically.
// FerretDB 1 reads the document, changes it and writes it back. So without serve, concurrent updates could be lost.
func serve(clients net.Listener, server string) {
	var mu sync.Mutex // held for a command and its reply
	for {
		client, err := clients.Accept()
		if err != nil {
			return
		}
		go func() { _ = relay(client, server, &mu) }() // an error closes the connection
	}
}

// relay forwards the commands of a client until it disconnects.
func relay(client net.Conn, addr string, mu *sync.Mutex) error {
	defer client.Close() //nolint:errcheck // nothing is buffered, so closing loses nothing
	server, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer server.Close() //nolint:errcheck // nothing is buffered, so closing loses nothing
	for {
		command, err := readMessage(client)
		if err != nil {
			return err
		}
		reply, err := ask(server, command, mu)
		if err != nil {
			return err
		}
		if _, err := client.Write(reply); err != nil {
			return err
		}
	}
}

// ask locks mu, sends a command and returns the reply.
func ask(server net.Conn, command []byte, mu *sync.Mutex) (reply []byte, err error) {
	mu.Lock()
	defer mu.Unlock()
	if _, err := server.Write(command); err != nil {
		return nil, err
	}
	return readMessage(server)
}

// readMessage reads one message of MongoDB's wire protocol. The message starts with its length in bytes, a
// little-endian uint32.
func readMessage(conn net.Conn) ([]byte, error) {
	header := make([]byte, 4)
	if _, err := io.ReadFull(conn, header); err != nil {
		return nil, err
	}
	message := make([]byte, max(4, binary.LittleEndian.Uint32(header)))
	copy(message, header)
	_, err := io.ReadFull(conn, message[4:])
	return message, err
}
