import java.util.List;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;

/** Jetty with its defaults, or with `lax` as older releases were; and a virtual host. */
public final class JettyBackend {
    public static void main(String[] args) throws Exception {
        var lax = args.length > 1 && args[1].equals("lax");
        var configuration = new HttpConfiguration();
        if (lax) {
            configuration.setUriCompliance(UriCompliance.UNSAFE);
            configuration.setHttpCompliance(HttpCompliance.RFC2616_LEGACY);
        }
        var server = new Server();
        var connector = new ServerConnector(server, new HttpConnectionFactory(configuration));
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(args[0]));
        server.addConnector(connector);
        var context = context(lax);
        Handler.MAPPINGS.forEach((mapping, name) -> context.addServlet(new ServletHolder(new Handler(name)), mapping));
        var admin = context(lax);
        admin.setVirtualHosts(List.of("admin.example.com"));
        admin.addServlet(new ServletHolder(new Handler("admin-host")), "/*");
        server.setHandler(new ContextHandlerCollection(admin, context));
        server.start();
        server.join();
    }

    private static ServletContextHandler context(boolean lax) {
        var context = new ServletContextHandler("/");
        context.getServletHandler().setDecodeAmbiguousURIs(lax);
        return context;
    }
}
