// The conformance table runs with everything else that needs the real program.
import '../conformance/websocket/websocket.test.mjs';
