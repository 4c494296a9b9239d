import java.nio.file.Files;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.startup.Tomcat;

/** Tomcat with its defaults, and a virtual host. */
public final class TomcatBackend {
    public static void main(String[] args) throws Exception {
        var tomcat = new Tomcat();
        tomcat.setBaseDir(Files.createTempDirectory("tomcat").toString());
        tomcat.setPort(Integer.parseInt(args[0]));
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        var context = tomcat.addContext("", null);
        Handler.MAPPINGS.forEach((mapping, name) -> {
            Tomcat.addServlet(context, name, new Handler(name));
            context.addServletMappingDecoded(mapping, name);
        });
        var host = new StandardHost();
        host.setName("admin.example.com");
        tomcat.getEngine().addChild(host);
        var admin = tomcat.addContext(host, "", null);
        Tomcat.addServlet(admin, "admin-host", new Handler("admin-host"));
        admin.addServletMappingDecoded("/*", "admin-host");
        tomcat.start();
        tomcat.getServer().await();
    }
}
