import AsyncHTTPClient
import ArgumentParser
import Configuration
import X509
@main struct W { static func main() {} }
