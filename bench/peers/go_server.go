// SPDX-License-Identifier: BSD-3-Clause

// A server in Go: a goroutine for each client. Its command line is that of all servers here, see
// command.h.
package main

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
)

var dataCount, dataBytes uint64

func echo(client net.Conn, buffer []byte) {
	defer client.Close()
	for {
		size, err := client.Read(buffer)
		if err != nil {
			return
		}
		if _, err := client.Write(buffer[:size]); err != nil {
			return
		}
	}
}

func sink(client net.Conn, buffer []byte) {
	defer client.Close()
	for {
		size, err := client.Read(buffer)
		if err != nil {
			return
		}
		atomic.AddUint64(&dataCount, 1)
		atomic.AddUint64(&dataBytes, uint64(size))
	}
}

// The clients of a broadcast, and what is to be written to each by a goroutine of its own.
var (
	roomMutex sync.Mutex
	room      = map[net.Conn]chan []byte{}
)

func join(client net.Conn) {
	queue := make(chan []byte, 256)
	roomMutex.Lock()
	room[client] = queue
	roomMutex.Unlock()
	go func() {
		for bytes := range queue {
			client.Write(bytes) // if it fails, reading fails as well, and ends the client
		}
	}()
}

func leave(client net.Conn) {
	roomMutex.Lock()
	close(room[client])
	delete(room, client)
	roomMutex.Unlock()
	client.Close()
}

func broadcast(client net.Conn, buffer []byte) {
	join(client)
	defer leave(client)
	for {
		size, err := client.Read(buffer)
		if err != nil {
			return
		}
		bytes := append([]byte(nil), buffer[:size]...)
		roomMutex.Lock()
		for _, queue := range room {
			queue <- bytes
		}
		roomMutex.Unlock()
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// As large as a message, within reason.
func echoBufferBytes() int {
	const least, most = 4 * 1024, 64 * 1024
	if len(os.Args) == 3 {
		return least
	}
	size, err := strconv.Atoi(os.Args[3])
	if err != nil {
		fail(err)
	}
	if size < least {
		return least
	}
	if size > most {
		return most
	}
	return size
}

// One goroutine: more of them on one core only get into each other's way.
func serveDatagrams(echoes bool, port string) {
	ending := make(chan os.Signal, 1)
	signal.Notify(ending, syscall.SIGTERM)
	address, err := net.ResolveUDPAddr("udp4", "127.0.0.1:"+port)
	if err != nil {
		fail(err)
	}
	socket, err := net.ListenUDP("udp4", address)
	if err != nil {
		fail(err)
	}
	if err := socket.SetReadBuffer(4 << 20); err != nil {
		fail(err)
	}
	go func() {
		<-ending
		if !echoes {
			fmt.Println("count", atomic.LoadUint64(&dataCount), atomic.LoadUint64(&dataBytes))
		}
		os.Exit(0)
	}()
	fmt.Println("ready")
	buffer := make([]byte, 64*1024)
	for {
		size, from, err := socket.ReadFromUDPAddrPort(buffer)
		if err != nil {
			fail(err)
		}
		atomic.AddUint64(&dataCount, 1)
		atomic.AddUint64(&dataBytes, uint64(size))
		if echoes {
			socket.WriteToUDPAddrPort(buffer[:size], from)
		}
	}
}

func main() {
	modes := map[string]func(net.Conn, []byte){"tcp-echo": echo, "tcp-sink": sink, "broadcast": broadcast}
	datagramModes := map[string]bool{"udp-echo": true, "udp-sink": true}
	if len(os.Args) < 3 || len(os.Args) > 5 || modes[os.Args[1]] == nil && !datagramModes[os.Args[1]] {
		fmt.Fprintln(os.Stderr, "usage: go_server tcp-echo|tcp-sink|broadcast|udp-echo|udp-sink PORT [SIZE [DIR]]")
		os.Exit(2)
	}
	mode := os.Args[1]
	if datagramModes[mode] {
		serveDatagrams(mode == "udp-echo", os.Args[2])
		return
	}
	// A goroutine keeps its buffer while its client is idle; only an echo has many of them.
	bufferBytes := 64 * 1024
	if mode == "tcp-echo" {
		bufferBytes = echoBufferBytes()
	}
	ending := make(chan os.Signal, 1)
	signal.Notify(ending, syscall.SIGTERM)
	listener, err := net.Listen("tcp4", "127.0.0.1:"+os.Args[2])
	if err != nil {
		fail(err)
	}
	go func() {
		<-ending
		if mode == "tcp-sink" {
			fmt.Println("count", atomic.LoadUint64(&dataCount), atomic.LoadUint64(&dataBytes))
		}
		os.Exit(0)
	}()
	fmt.Println("ready")
	for {
		client, err := listener.Accept() // without Nagle's delay, as always in Go
		if err != nil {
			fail(err)
		}
		go modes[mode](client, make([]byte, bufferBytes))
	}
}
