"""What idle TLS connections cost a server in memory: `idle.py PORT PID [COUNT]`.

Opens COUNT connections, each with one request that is answered, and as many again; then closes all. Prints the server's
resident memory in kB before, after each half, and after the close (when the server has had time to give back).
"""
import socket, ssl, sys, time
from concurrent.futures import ThreadPoolExecutor

port, pid = int(sys.argv[1]), sys.argv[2]
count = int(sys.argv[3]) if len(sys.argv) > 3 else 2_000


def resident():
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


trust_nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
trust_nobody.check_hostname = False
trust_nobody.verify_mode = ssl.CERT_NONE


def connect():
    connection = trust_nobody.wrap_socket(socket.create_connection(("127.0.0.1", port)))
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = connection.recv(4_096)
    assert answer.startswith(b"HTTP/1.1 200"), answer
    return connection


for _ in range(20):  # what the server makes once, for its first connections
    connect().close()
time.sleep(1)
figures = [resident()]
connections = []
begin = time.monotonic()
for _ in range(2):
    with ThreadPoolExecutor(32) as threads:
        connections += threads.map(lambda _: connect(), range(count))
    time.sleep(1)
    figures.append(resident())
if time.monotonic() - begin > 55:
    sys.exit("this took so long that the server has closed the first connections as idle; try a quieter moment")
for connection in connections:
    connection.close()
time.sleep(12)
figures.append(resident())
print(*figures)
