package main

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
)

// serve passes the commands of all clients on to a server, one at a time. FerretDB 1 updates a document by reading it,
// changing it and writing it back, and another update may come in between; a MongoDB updates it atomically. One command
// at a time makes the first behave like the second.
func serve(clients net.Listener, server string) {
	var turn sync.Mutex
	for {
		client, err := clients.Accept()
		if err != nil {
			return
		}
		go func() { _ = relay(client, server, &turn) }() // an error ends the connection, and the client sees that
	}
}

// relay passes on what a client says until it hangs up.
func relay(client net.Conn, addr string, turn *sync.Mutex) error {
	defer client.Close() //nolint:errcheck // nothing was buffered
	server, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer server.Close() //nolint:errcheck // likewise
	for {
		command, err := readMessage(client)
		if err != nil {
			return err
		}
		reply, err := ask(server, command, turn)
		if err != nil {
			return err
		}
		if _, err := client.Write(reply); err != nil {
			return err
		}
	}
}

// ask sends a command when its turn has come and returns the reply.
func ask(server net.Conn, command []byte, turn *sync.Mutex) (reply []byte, err error) {
	turn.Lock()
	defer turn.Unlock()
	if _, err := server.Write(command); err != nil {
		return nil, err
	}
	return readMessage(server)
}

// readMessage reads one message of MongoDB's wire protocol: it begins with its own length, in four little-endian bytes.
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
