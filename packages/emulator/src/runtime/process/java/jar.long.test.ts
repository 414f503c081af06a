import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { StoredImage } from '../../../services/ecr/contract.ts'
import { type ContextOnDisk, contextOnDisk } from '../../../test-kit/context-on-disk.test-kit.ts'
import { testImage } from '../../../test-kit/image.test-kit.ts'
import { until } from '../../../test-kit/until.test-kit.ts'
import { createProcessRuntime } from '../process-runtime.ts'
import { javaHomes } from './find-java.ts'

const SOURCE = `
  import com.sun.net.httpserver.HttpServer;
  import java.net.*;
  import java.net.http.*;
  public class Main {
    public static void main(String[] arguments) throws Exception {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("stopping")));
      System.out.println("java " + Runtime.version().feature());
      System.out.println("heap " + Runtime.getRuntime().maxMemory() / 1048576);
      var https = HttpClient.newHttpClient();
      var request = HttpRequest.newBuilder(URI.create(System.getenv("API"))).build();
      System.out.println("api " + https.send(request, HttpResponse.BodyHandlers.ofString()).body());
      var address = new InetSocketAddress(System.getenv("SERVER_ADDRESS"), 8080);
      var server = HttpServer.create(address, 0);
      server.createContext("/", exchange -> {
        exchange.sendResponseHeaders(200, 2);
        exchange.getResponseBody().write("ok".getBytes());
        exchange.close();
      });
      server.start();
      System.out.println("serving");
    }
  }`

const [java] = javaHomes()
const hasCompiler = (() => {
  try {
    execFileSync('javac', ['-version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

describe('a jar as a process', { skip: java && hasCompiler ? false : 'no JDK on this machine' }, () => {
  let context: ContextOnDisk
  const folder = mkdtempSync(join(tmpdir(), 'baton-jar-'))
  let jar: Buffer

  before(async () => {
    context = await contextOnDisk()
    writeFileSync(join(folder, 'Main.java'), SOURCE)
    execFileSync('javac', ['--release', '17', '-d', folder, join(folder, 'Main.java')])
    execFileSync('jar', [
      '--create',
      '--file',
      join(folder, 'app.jar'),
      '--main-class',
      'Main',
      '-C',
      folder,
      '.',
    ])
    jar = readFileSync(join(folder, 'app.jar'))
  })
  after(async () => {
    await context[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  const image = (version: number): Promise<StoredImage> =>
    testImage(
      context.stateDir,
      { 'app/app.jar': jar },
      {
        Entrypoint: ['java', '-XX:MaxRAMPercentage=50', '-jar', 'app.jar'],
        WorkingDir: '/app',
        Labels: { 'dev.baton.kind': 'jar', 'dev.baton.java-version': String(version) },
      },
    )

  test('runs on the Java of its version, trusts the emulator, sees the memory of its task, and stops on SIGTERM', async () => {
    const { key, cert } = await context.authority.issue(['localhost'])
    const api = createServer({ key, cert }, (_request, response) => response.end('reached'))
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
    const runtime = createProcessRuntime(context)
    const network = await runtime.attach({
      taskId: 'task-1',
      images: [],
      containerPorts: [8080],
      memoryMiB: 512,
    })
    const lines: string[] = []
    const container = await runtime.start({
      taskId: 'task-1',
      name: 'app',
      network,
      image: await image(java?.version ?? 0),
      environment: { API: `https://localhost:${(api.address() as AddressInfo).port}/` },
      containerPort: 8080,
      mounts: [],
      platformEnvironment: {},
      onOutput: (more) => lines.push(...more),
    })
    const exit = container.exited.then((found) => {
      lines.push('exited')
      return found
    })
    await until('it serves', () => lines.includes('serving') || lines.includes('exited'), 60_000)
    assert.ok(lines.includes(`java ${java?.version}`), lines.join('\n'))
    assert.ok(lines.includes('heap 256') || lines.includes('heap 247'), lines.join('\n'))
    assert.ok(lines.includes('api reached'), lines.join('\n'))
    const answer = await fetch(`http://${network.address}:${container.port}/`)
    assert.equal(await answer.text(), 'ok')
    container.signal('SIGTERM')
    assert.deepEqual(await exit, { code: 143, signal: null })
    assert.ok(lines.includes('stopping'))
    await network.release()
    api.close()
  })

  test('a version that this machine has not is named before anything starts', async () => {
    const runtime = createProcessRuntime(context)
    const network = await runtime.attach({ taskId: 'task-2', images: [], containerPorts: [] })
    await assert.rejects(runtime.prepare(await image(99), network), /needs Java 99 .*found: Java \d+/)
    await network.release()
  })
})
